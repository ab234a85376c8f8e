"""What needs no key: health, the OpenAPI document, and the page that shows it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hookline import __version__
from hookline.domain.documents import strict_json
from hookline_api.http.call import Call
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.replies import JSON, Reply, json_reply
from hookline_api.schemas.meta import Document, Health

HTML = "text/html; charset=utf-8"
_PAGE = Path(__file__).parent.parent / "docs.html"


@cache
def _page() -> tuple[str, dict[str, str]]:
    """The page and its headers: it runs its own script and no other, and talks to this API."""
    page = _PAGE.read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src {_hash_of('script', page)};"
        f" style-src {_hash_of('style', page)};"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page, {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}


def _hash_of(element: str, page: str) -> str:
    """What lets this one inline element through (CSP 3, section 2.3.1)."""
    content = page.partition(f"<{element}>")[2].partition(f"</{element}>")[0]
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class MetaRoutes:
    """``document`` gives the OpenAPI document once all endpoints are known."""

    def __init__(self, document: Callable[[], Mapping[str, Any]]) -> None:
        self._document = cache(lambda: strict_json.dumps(document()))

    def endpoints(self) -> Sequence[Endpoint]:
        """The three endpoints."""
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
            Endpoint(
                method="GET",
                path="/v1/docs",
                name="get_docs_page",
                summary="A page to read and try the API",
                tag="meta",
                handler=self.docs,
                answers={200: None},
                content_type="text/html",
            ),
        )

    def health(self, call: Call) -> Reply:  # noqa: ARG002 - all handlers take it
        """Answers without touching anything else: it tells that the function runs."""
        return json_reply({"status": "ok", "version": __version__})

    def openapi(self, call: Call) -> Reply:  # noqa: ARG002 - all handlers take it
        """The document, generated at the first request for it."""
        return Reply(200, self._document(), JSON)

    def docs(self, call: Call) -> Reply:  # noqa: ARG002 - all handlers take it
        """The page, which renders the document in the browser."""
        page, headers = _page()
        return Reply(200, page, HTML, headers)
