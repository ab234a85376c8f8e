"""The API function behind WSGI, for tools that speak HTTP: what the gateway would make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from tests.worlds.client import gateway_event

Function = Callable[[dict[str, Any], object], Mapping[str, Any]]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def as_wsgi(api: Function) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """Bodies travel as base64, so that any bytes get through."""

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        # An HTTP API joins what a query names several times.
        query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        event = gateway_event(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
            headers=headers,
            query={name: ",".join(values) for name, values in query.items()},
            body=environ["wsgi.input"].read(length),
            base64_encoded=True,
        )
        answer = api(event, None)
        status = HTTPStatus(answer["statusCode"])
        start_response(f"{status.value} {status.phrase}", list(answer["headers"].items()))
        return [(answer["body"] or "").encode()]

    return application
