"""One HTTP call to an endpoint, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from hookline.domain.delivery.delivery import ErrorKind
from hookline.domain.net.urls import Url

LONGEST_CALL = timedelta(seconds=30)
"""The longest timeout that a webhook may have."""


@dataclass(frozen=True, slots=True)
class Call:
    """What to send.

    ``headers`` lack only Host, Content-Length and Accept-Encoding, which `as_sent` adds; their
    values may be secret. ``body`` is None for a GET. ``timeout`` covers the whole call, from the
    name look-up to the last byte. ``ca_certificate`` is PEM, trusted beside the public roots.
    """

    method: str
    url: Url
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    timeout: timedelta
    ca_certificate: str | None = field(default=None, repr=False)

    def as_sent(self) -> dict[str, str]:
        """All headers, in the order in which they are sent."""
        own = {name: v for name, v in self.headers.items() if name.lower() != "accept-encoding"}
        # Bodies are never decompressed: a few bytes may unpack to gigabytes (and the log shows
        # bytes).
        sent = {"Host": self.url.authority, "Accept-Encoding": "identity", **own}
        return sent if self.body is None else sent | {"Content-Length": str(len(self.body))}


@dataclass(frozen=True, slots=True)
class Answered:
    """The endpoint answered, whatever its status.

    ``headers`` are in the order received, with control characters replaced by spaces. ``body`` is
    the first bytes of the body as they came; ``body_truncated`` if there were more. ``address`` is
    the one that was called.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    body_truncated: bool
    duration: timedelta
    address: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """There was no complete answer.

    ``message`` says why in words for the endpoint's owner. It may quote the endpoint in full:
    secrets must be masked before it is stored. The kind ``timeout`` covers all that used up the
    call's time, name look-up and TLS handshake included. ``address`` is the one called, None if
    there was none yet.
    """

    kind: ErrorKind
    message: str
    duration: timedelta
    address: str | None


class Caller(Protocol):
    """Makes calls, but only to allowed addresses."""

    def __call__(self, call: Call) -> Answered | Unanswered:
        """Makes the call. Whatever the endpoint does is returned as a value; nothing is raised."""
        ...
