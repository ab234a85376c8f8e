"""Calls the API function as the gateway does: with events of payload format 2.0."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

ROOT_KEY = "hl_root_" + "r" * 43

_requests = count(1)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the function answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    def without_request_id(self) -> str:
        """The body but for the one thing that differs between two same answers."""
        request_id = json.loads(self.text or "null")
        if isinstance(request_id, dict):
            request_id = request_id.get("request_id")
        return self.text.replace(request_id, "…") if isinstance(request_id, str) else self.text

    @property
    def fields(self) -> list[str]:
        """The fields that a problem names."""
        return [error["field"] for error in self.json["errors"]]


def gateway_event(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: bytes | None = None,
    base64_encoded: bool = False,
) -> dict[str, Any]:
    """An event as an HTTP API makes it."""
    given: dict[str, Any] = {}
    if query:
        given["queryStringParameters"] = dict(query)
    if body is not None:
        text = base64.b64encode(body) if base64_encoded else body
        given["body"] = text.decode("utf-8", "surrogatepass")
    return {
        "version": "2.0",
        "routeKey": "ANY /v1/{proxy+}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"host": "api.example", "content-type": "application/json"}
        | {name.lower(): value for name, value in (headers or {}).items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "tests",
            },
            "requestId": f"request-{next(_requests):08}",
            "routeKey": "ANY /v1/{proxy+}",
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795348800000,
        },
        "isBase64Encoded": base64_encoded,
        **given,
    }


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody with a key, at home in one tenant: paths are below it unless they begin with /v1."""

    api: Callable[[dict[str, Any], object], Mapping[str, Any]]
    tenant: str
    key: str | None = ROOT_KEY
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        base64_encoded: bool = False,
    ) -> Reply:
        whole = path if path.startswith("/v1") else f"/v1/tenants/{self.tenant}{path}"
        authorization = {} if self.key is None else {"authorization": f"Bearer {self.key}"}
        content = raw if raw is not None or body is None else json.dumps(body).encode()
        event = gateway_event(
            method,
            whole,
            headers={**authorization, **self.headers, **(headers or {})},
            query=query,
            body=content,
            base64_encoded=base64_encoded,
        )
        answer = self.api(event, None)
        return Reply(answer["statusCode"], answer["headers"], answer["body"] or "")

    def with_key(self, key: str | None) -> Client:
        return Client(self.api, self.tenant, key, self.headers)

    def within(self, tenant: str) -> Client:
        """The same caller, at home in another tenant."""
        return Client(self.api, tenant, self.key, self.headers)

    def a_webhook(self, **fields: object) -> Any:
        """A webhook just created, its secret in clear."""
        document = {
            "name": f"webhook {next(_requests)}",
            "url": "https://example.com/hook",
            "events": ["flow.*"],
        }
        return self.made("/webhooks", document | fields)

    def a_principal(self, **fields: object) -> tuple[str, str]:
        """A new principal's id, and a key of it."""
        principal_id = str(self.made("/principals", {"name": "somebody"} | fields)["id"])
        return principal_id, str(self.made(f"/principals/{principal_id}/keys", {})["key"])

    def a_key(self, **principal: object) -> str:
        """The key of a new principal of the tenant."""
        return self.a_principal(**principal)[1]

    def made(self, path: str, body: object = None) -> Any:
        """What a POST makes."""
        reply = self("POST", path, body)
        assert reply.status in {201, 202}, (path, reply.text)
        return reply.json

    def put(self, path: str, body: object) -> None:
        """A PUT that is not refused."""
        reply = self("PUT", path, body)
        assert reply.status in {200, 201, 204}, (path, reply.text)
