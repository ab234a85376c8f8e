"""Endpoints as values: routed, described in OpenAPI, listed in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hookline.domain.documents.shape import Shape
from hookline_api.http.call import Reply
from hookline_api.http.queries import Query

PUBLIC_PATHS = frozenset({"/v1/health", "/v1/openapi.json"})
"""Paths that need no key. All others ask for one before anything is looked up."""

Handler = Callable[..., Reply]
"""Takes ``call: Call``, the path's parameters by name, and ``query`` if it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method on one path.

    ``path`` has its parameters as ``<tenant>``. ``name`` is the OpenAPI operation id. ``answers``
    gives the shape of each successful status, None for an answer without a body. Refusals follow
    from the rest; ``refusals`` adds statuses. ``headers`` describes, by name, the headers that this
    endpoint reads. The answer with the status ``located`` has a Location. ``key_for`` is the query
    parameter for which a public endpoint asks for a key.
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    handler: Handler
    answers: Mapping[int, type[Shape] | None]
    query: type[Query] | None = None
    body: type[Shape] | None = None
    body_required: bool = True
    refusals: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    key_for: str | None = None
    located: int = 201

    @property
    def public(self) -> bool:
        """Whether it needs no key."""
        return self.path in PUBLIC_PATHS

    @property
    def problems(self) -> tuple[int, ...]:
        """The statuses of its refusals, in order."""
        found = {422, 500, 503, *self.refusals}
        if not self.public or self.key_for:
            found |= {401, 403}
        if "<" in self.path:
            found.add(404)
        if self.body is not None or self.method == "POST":
            found |= {400, 413}
        if self.method == "POST":
            found.add(409)  # Idempotency-Key
        return tuple(sorted(found))


class Resource(Protocol):
    """A set of endpoints, wired to the services it calls."""

    def endpoints(self) -> Sequence[Endpoint]:
        """All of them, in the order of the document."""
        ...
