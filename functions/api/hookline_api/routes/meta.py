"""What needs no key: health and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from hookline import __version__
from hookline.domain.documents import strict_json
from hookline_api.http.call import Call
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.replies import JSON, Reply, json_reply
from hookline_api.schemas.meta import Document, Health


class MetaRoutes:
    """``document`` gives the OpenAPI document once all endpoints are known."""

    def __init__(self, document: Callable[[], Mapping[str, Any]]) -> None:
        self._document = cache(lambda: strict_json.dumps(document()))

    def endpoints(self) -> Sequence[Endpoint]:
        """Both endpoints."""
        return (
            Endpoint(
                method="GET",
                path="/v1/health",
                name="get_health",
                summary="Whether the API is up",
                tag="meta",
                handler=self.health,
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

    def health(self, call: Call) -> Reply:  # noqa: ARG002 - all handlers take it
        """Answers without touching anything else: it tells that the function runs."""
        return json_reply({"status": "ok", "version": __version__})

    def openapi(self, call: Call) -> Reply:  # noqa: ARG002 - all handlers take it
        """The document, generated at the first request for it."""
        return Reply(200, self._document(), JSON)
