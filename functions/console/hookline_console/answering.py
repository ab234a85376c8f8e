"""Answers requests for the console with its files."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from hookline_console.files import File, Site

HOME = "/console"
DOCS = "/v1/docs"
ASSETS = f"{HOME}/assets"

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class Answer:
    """One answer for each event of the HTTP API (payload format 2.0)."""

    def __init__(self, site: Site, frame_ancestors: Sequence[str], issuer: str | None) -> None:
        self._site = site
        # The page asks the issuer for its addresses and for a token (OpenID Connect, PKCE).
        elsewhere = "".join(f" {origin}" for origin in _origins(issuer))
        self._always = {
            # No inline code or style, nothing from elsewhere, no form that posts anywhere.
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                f" connect-src 'self'{elsewhere}; font-src 'self'; base-uri 'none';"
                " form-action 'none';"
                f" frame-ancestors {' '.join(frame_ancestors) or "'none'"}"
            ),
            "X-Content-Type-Options": "nosniff",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Vary": "Accept-Encoding",
        }

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The file that the path names; the page for every address of a screen."""
        http = event["requestContext"]["http"]
        method, path = str(http["method"]), str(http["path"])
        headers = {name.lower(): str(value) for name, value in event.get("headers", {}).items()}
        if method not in {"GET", "HEAD"}:
            return self._answer(405, {"Allow": "GET, HEAD"})
        if path in {"", "/"}:
            return self._answer(302, {"Location": HOME, "Cache-Control": _ASK_AGAIN})
        if path.startswith(f"{ASSETS}/"):
            digest, _, name = path.removeprefix(f"{ASSETS}/").partition("/")
            asset = self._site.assets.get(name) if digest == self._site.digest else None
            if asset is None:
                return self._answer(404, {"Cache-Control": _ASK_AGAIN})
            return self._file(asset, _FOR_EVER, headers, with_body=method == "GET")
        if path == DOCS:
            return self._file(self._site.docs, _ASK_AGAIN, headers, with_body=method == "GET")
        if path == HOME or path.startswith(f"{HOME}/"):
            return self._file(self._site.page, _ASK_AGAIN, headers, with_body=method == "GET")
        return self._answer(404, {"Cache-Control": _ASK_AGAIN})

    def _file(
        self, file: File, keep: str, headers: Mapping[str, str], *, with_body: bool
    ) -> dict[str, Any]:
        packed = _takes_gzip(headers.get("accept-encoding", ""))
        # A strong tag names the bytes as they are sent.
        tag = f'"{file.tag}{"-gzip" if packed else ""}"'
        kept = {"Cache-Control": keep, "ETag": tag}
        if tag in [one.strip() for one in headers.get("if-none-match", "").split(",")]:
            return self._answer(304, kept)
        coding = {"Content-Encoding": "gzip"} if packed else {}
        body = file.packed if packed else file.plain
        answer = self._answer(200, {"Content-Type": file.media_type} | coding | kept)
        if with_body:
            answer["body"] = base64.b64encode(body).decode()
            answer["isBase64Encoded"] = True
        return answer

    def _answer(self, status: int, headers: Mapping[str, str]) -> dict[str, Any]:
        return {
            "statusCode": status,
            "headers": self._always | dict(headers),
            "body": "",
            "isBase64Encoded": False,
        }


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _origins(issuer: str | None) -> list[str]:
    """Of the issuer; and where Amazon Cognito's user pools give their tokens: at other hosts."""
    if issuer is None:
        return []
    parts = urlsplit(issuer)
    found = [f"{parts.scheme}://{parts.netloc}"]
    service, _, rest = parts.netloc.partition(".")
    region = rest.removesuffix(".amazonaws.com")
    if service == "cognito-idp" and region != rest:
        found.append(f"https://*.auth.{region}.amazoncognito.com")
    return found
