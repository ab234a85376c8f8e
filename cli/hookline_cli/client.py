"""The one way to the API: keys, pages, repeats and refusals."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from hookline_cli.errors import RefusedError, UnreachableError

TRIES = 4
TIMEOUT_SECONDS = 30.0
_TRY_AGAIN = {429, 502, 503, 504}
_LONGEST_WAIT_SECONDS = 20.0


class Client:
    """A caller at one address. Paths are under the tenant, or whole where they begin with /v1.

    Every POST has an Idempotency-Key, so that it may be repeated after a lost answer; edits and
    deletions are repeated only where the API said that it did nothing.
    """

    def __init__(
        self,
        address: str,
        key: str,
        tenant: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address.rstrip("/")
        self._tenant = tenant
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=self.address,
            headers={"Authorization": f"Bearer {key}", "User-Agent": "hookline-cli"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
        )

    def get(self, path: str, **query: object) -> Any:
        """What a GET answers. A query value that is None is left out."""
        given = {name: str(value) for name, value in query.items() if value is not None}
        return self._call("GET", path, params=given)

    def post(self, path: str, body: object = None, *, raw: str | None = None) -> Any:
        """What a POST answers. ``raw`` is sent as it is: numbers keep their digits."""
        content = raw if raw is not None else None if body is None else json.dumps(body)
        return self._call("POST", path, content, {"Idempotency-Key": uuid.uuid4().hex})

    def put(self, path: str, body: object) -> Any:
        """What a PUT answers."""
        return self._call("PUT", path, json.dumps(body))

    def patch(self, path: str, body: object, version: int | None = None) -> Any:
        """What a PATCH answers; with a version it is refused where there is another by now."""
        return self._call("PATCH", path, json.dumps(body), _if_match(version))

    def delete(self, path: str, version: int | None = None) -> None:
        """Deletes."""
        self._call("DELETE", path, headers=_if_match(version))

    def items(self, path: str, limit: int | None = None, **query: object) -> Iterator[Any]:
        """The items of a list, page by page as they are asked for."""
        cursor: str | None = None
        left = limit
        while left is None or left > 0:
            size = 100 if left is None else min(left, 100)
            page = self.get(path, limit=size, cursor=cursor, **query)
            found = page["items"][:left]
            yield from found
            left = None if left is None else left - len(found)
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def _call(
        self,
        method: str,
        path: str,
        content: str | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        given = {"Content-Type": "application/json"} if content is not None else {}
        request = self._http.build_request(
            method,
            path if path.startswith("/v1") else f"/v1/tenants/{self._tenant}{path}",
            content=content,
            headers=given | dict(headers or {}),
            params=params,
        )
        for left in range(TRIES - 1, -1, -1):
            try:
                answer = self._http.send(request)
            except httpx.TransportError as failure:
                if left == 0 or method in {"PATCH", "DELETE"}:
                    raise UnreachableError(
                        "unreachable", f"{self.address} does not answer: {failure}"
                    ) from failure
                self._sleep(_wait(TRIES - left, None))
            else:
                if left == 0 or answer.status_code not in _TRY_AGAIN:
                    return _content(answer)
                self._sleep(_wait(TRIES - left, answer.headers.get("Retry-After")))
        raise AssertionError("the last try answers or raises")


def _content(answer: httpx.Response) -> Any:
    try:
        document = answer.json() if answer.content else None
    except ValueError:
        document = None
    if answer.is_success and (document is not None or not answer.content):
        return document
    if isinstance(document, dict):
        raise RefusedError(answer.status_code, document)
    raise UnreachableError(
        "not_the_api", f"{answer.url} answered {answer.status_code}, and not as Hookline does"
    )


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": str(version)}


def _wait(tried: int, retry_after: str | None) -> float:
    if retry_after is not None and retry_after.isdecimal():
        return min(float(retry_after), _LONGEST_WAIT_SECONDS)
    return float(0.5 * 2 ** (tried - 1))
