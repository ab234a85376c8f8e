"""What needs no key: health and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from hookline import __version__
from hookline.domain.documents import strict_json
from hookline.domain.documents.kinds import Flag
from hookline.domain.documents.shape import defaulted
from hookline_api.http.call import JSON, Call, Reply, json_reply
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.queries import Query
from hookline_api.schemas.meta import Document, Health


class HealthQuery(Query):
    """How far to look."""

    deep = defaulted(Flag(), False, "Look at what the API stands on, too.", example=True)


class MetaRoutes:
    """``document`` returns the OpenAPI document of all endpoints.

    ``look_deep`` tells a global admin how each part of the stack is doing.
    """

    def __init__(
        self, document: Callable[[], Mapping[str, Any]], look_deep: Callable[[Call], Reply]
    ) -> None:
        self._document = cache(lambda: strict_json.dumps(document()))
        self._look_deep = look_deep

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path="/v1/health",
                name="get_health",
                summary="Whether the API is up",
                description="With `deep`, for a global admin: whether tables, queues, key and"
                " stream are well; a 503 `unhealthy` names those that are not.",
                tag="meta",
                handler=self.health,
                query=HealthQuery,
                key_for="deep",
                answers={200: Health},
            ),
            Endpoint(
                method="GET",
                path="/v1/openapi.json",
                name="get_openapi_document",
                summary="This document",
                tag="meta",
                handler=self.openapi,
                answers={200: Document},
            ),
        )

    def health(self, call: Call, query: HealthQuery) -> Reply:
        """Touches nothing else: it only shows that the function runs."""
        if query.deep:
            return self._look_deep(call)
        return json_reply({"status": "ok", "version": __version__})

    def openapi(self, call: Call) -> Reply:  # noqa: ARG002 - all handlers take it
        """The document, generated on the first request for it."""
        return Reply(200, self._document(), JSON)
