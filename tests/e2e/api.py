"""The deployed API as any client calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import requests

TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``body`` is its JSON, or its text where it is none."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def fields(self) -> set[str]:
        """The fields that a problem names."""
        return {error["field"] for error in self.body.get("errors", ())}


@dataclass(frozen=True, slots=True)
class Api:
    """One caller in one tenant. Paths are under the tenant, or absolute where they say /v1 or /in.

    ``key`` None sends no Authorization.
    """

    base: str
    tenant: str
    key: str | None

    def with_key(self, key: str | None) -> Api:
        """The same place, called by somebody else."""
        return replace(self, key=key)

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        query: Mapping[str, object] | None = None,
    ) -> Reply:
        """Calls and answers with whatever came. ``body`` goes as JSON, ``data`` as it is."""
        own = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        answer = requests.request(
            method,
            self.base + self._absolute(path),
            params={name: str(value) for name, value in (query or {}).items()},
            json=body,
            data=data,
            headers=own | dict(headers or {}),
            timeout=TIMEOUT_SECONDS,
        )
        is_json = answer.content and "json" in answer.headers.get("Content-Type", "")
        return Reply(answer.status_code, answer.json() if is_json else answer.text, answer.headers)

    def get(self, path: str, **query: object) -> Any:
        """The body of a GET that must succeed."""
        return self._succeeding("GET", path, query=query)

    def post(self, path: str, body: object = None) -> Any:
        """The body of a POST that must succeed."""
        return self._succeeding("POST", path, body)

    def patch(self, path: str, body: object) -> Any:
        """The body of a PATCH that must succeed."""
        return self._succeeding("PATCH", path, body)

    def put(self, path: str, body: object) -> Any:
        """The body of a PUT that must succeed."""
        return self._succeeding("PUT", path, body)

    def delete(self, path: str) -> None:
        """A DELETE that must succeed."""
        self._succeeding("DELETE", path)

    def _succeeding(
        self, method: str, path: str, body: object = None, query: Mapping[str, object] | None = None
    ) -> Any:
        reply = self(method, path, body, query=query)
        assert 200 <= reply.status < 300, f"{method} {path}: {reply.status} {reply.body}"
        return reply.body

    def _absolute(self, path: str) -> str:
        if path.startswith(("/v1/", "/in/")):
            return path
        return f"/v1/tenants/{self.tenant}{path}"
