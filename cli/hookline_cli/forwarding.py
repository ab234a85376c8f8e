"""A recorded call made again, to this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from hookline_cli import signing
from hookline_cli.values import printable

TIMEOUT_SECONDS = 30.0
_OF_THE_CONNECTION = {
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "accept-encoding",
}
_MASKED = "*****"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the local receiver answered, or why it did not."""

    status: int | None
    error: str | None
    duration_ms: int
    said: str = ""

    @property
    def good(self) -> bool:
        """Whether Hookline would have taken it for a success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def text(self) -> str:
        """In a few words."""
        return str(self.status) if self.status is not None else f"no answer: {self.error}"


@dataclass(frozen=True, slots=True)
class Forwarder:
    """Calls a local receiver with what an attempt records."""

    target: str
    http: httpx.Client

    def __call__(
        self, request: dict[str, Any], secrets: Sequence[str], sent_at: int | None = None
    ) -> Outcome:
        """Makes the recorded call, signed with these secrets, as of when it was or of another time.

        The log masks signatures: those made here with the same secret for the same time are the
        same. A body that the log has cut is not forwarded.
        """
        if request.get("body_truncated"):
            return Outcome(None, "its body is longer than the log keeps (64 KiB)", 0)
        body = (request.get("body") or "").encode()
        recorded = {name.lower(): text for name, text in (request.get("headers") or {}).items()}
        timestamp = int(recorded.get("webhook-timestamp", 0)) if sent_at is None else sent_at
        headers = {
            name: text
            for name, text in signing.signed_anew(recorded, body, secrets, timestamp).items()
            # What is secret is masked in the log, and nothing is better than five stars.
            if name not in _OF_THE_CONNECTION and _MASKED not in text
        }
        started = time.monotonic()
        try:
            answer = self.http.request(
                request["method"], self.target, content=body or None, headers=headers
            )
        except httpx.HTTPError as failure:
            return Outcome(None, str(failure) or type(failure).__name__, _since(started))
        said = "" if answer.is_success else printable(answer.text[:200])
        return Outcome(answer.status_code, None, _since(started), said)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
