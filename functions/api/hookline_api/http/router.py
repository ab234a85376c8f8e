"""Which endpoint answers a method on a path: looked for among what is loaded, then in the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from hookline.problems import MethodNotAllowed, UnknownPath
from hookline_api.http.endpoint import Endpoint, Resource

type Parameters = dict[str, str]
type Segments = tuple[str, ...]

_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_BELOW_A_TENANT = 4
"""Segments of /v1/tenants/{tenant}, the empty one before the first slash included."""


@dataclass(frozen=True)
class Group:
    """Resources that are built together, when a path of theirs is first asked for.

    ``about`` says what those are about (see `subjects_of`).
    """

    about: frozenset[str]
    build: Callable[[], Sequence[Resource]]

    @cached_property
    def paths(self) -> Mapping[Segments, Mapping[str, Endpoint]]:
        """Its endpoints by path and method; what is spelled out before what is a parameter."""
        paths: dict[Segments, dict[str, Endpoint]] = {}
        for endpoint in sorted(self.endpoints, key=lambda each: each.path.count("<")):
            paths.setdefault(tuple(endpoint.path.split("/")), {})[endpoint.method] = endpoint
        return paths

    @cached_property
    def endpoints(self) -> Sequence[Endpoint]:
        """In the order of the document."""
        return [endpoint for resource in self.build() for endpoint in resource.endpoints()]


class Router:
    """All endpoints, in groups."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups

    @cached_property
    def endpoints(self) -> Sequence[Endpoint]:
        """Every endpoint: loads all groups."""
        return [endpoint for group in self._groups for endpoint in group.endpoints]

    def find(self, method: str, path: str) -> tuple[Endpoint, Parameters]:
        """The endpoint and its path's parameters, decoded; GET's for HEAD.

        Raises UnknownPath and MethodNotAllowed.
        """
        allowed: set[str] = set()
        for methods, parameters in self._on(tuple(path.split("/"))):
            endpoint = methods.get("GET" if method == "HEAD" else method)
            if endpoint is not None:
                return endpoint, parameters
            allowed |= methods.keys() | ({"HEAD"} if "GET" in methods else set())
        if allowed:
            raise MethodNotAllowed(", ".join(sorted(allowed, key=_ORDER.index)))
        raise UnknownPath(path)

    def _on(self, given: Segments) -> Iterator[tuple[Mapping[str, Endpoint], Parameters]]:
        subjects = subjects_of(given)
        for group in self._groups:
            if group.about.isdisjoint(subjects):
                continue
            for pattern, methods in group.paths.items():
                parameters = _match(pattern, given)
                if parameters is not None:
                    yield methods, parameters


def subjects_of(path: Segments) -> frozenset[str]:
    """What a path may be about: ``webhooks`` and ``webhooks/stats``, say."""
    if path[1:3] != ("v1", "tenants"):
        return frozenset(path[2:3])
    if len(path) <= _BELOW_A_TENANT:
        return frozenset({"tenants"})
    about, *rest = path[_BELOW_A_TENANT:]
    return frozenset({about, *(f"{about}/{part}" for part in rest[:2])})


def _match(pattern: Segments, given: Segments) -> Parameters | None:
    if len(pattern) != len(given):
        return None
    found: Parameters = {}
    for part, text in zip(pattern, given, strict=True):
        if part.startswith("<") and text:
            found[part[1:-1]] = unquote(text)
        elif part != text:
            return None
    return found
