"""Calls the API as any client would: HTTPS in the cloud, plain HTTP here."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from local.options import LocalError

TIMEOUT_SECONDS = 35


class Api:
    """The API at one address, called with one key."""

    def __init__(self, base: str, key: str) -> None:
        self._base = base
        self._key = key

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object that a GET answers.

        Raises:
            LocalError: it answered anything but 2xx.
        """
        return self._call("GET", path, None)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """The JSON object that a POST answers.

        Raises:
            LocalError: it answered anything but 2xx.
        """
        return self._call("POST", path, body)

    def put(self, path: str, body: object) -> dict[str, Any]:
        """The JSON object that a PUT answers.

        Raises:
            LocalError: it answered anything but 2xx.
        """
        return self._call("PUT", path, body)

    def _call(self, method: str, path: str, body: object) -> dict[str, Any]:
        request = urllib.request.Request(
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                loaded: dict[str, Any] = json.load(answer)
                return loaded
        except urllib.error.HTTPError as refused:
            said = refused.read().decode(errors="replace")
            raise LocalError(
                f"{method} {path} answered {refused.code}: {said[:2000]}",
                "A 500 or 502 has its reason in .local/logs/emulator.log.",
            ) from refused
        except (OSError, ValueError) as failure:
            raise LocalError(
                f"{method} {path} failed: {failure}", "Is the emulator still up? See its log."
            ) from failure
