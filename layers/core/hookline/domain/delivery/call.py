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

    ``headers`` are complete but for Host, Content-Length and Accept-Encoding, which `as_sent` adds;
    their values may be secret. ``body`` is None for a GET. ``timeout`` is
    for the whole call, from the name look-up to the last byte. ``ca_certificate`` is PEM, trusted
    beside the public roots.
    """

    method: str
    url: Url
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    timeout: timedelta
    ca_certificate: str | None = field(default=None, repr=False)

    def as_sent(self) -> dict[str, str]:
        """All headers of the request, in the order in which they go over the wire."""
        own = {name: v for name, v in self.headers.items() if name.lower() != "accept-encoding"}
        # Nothing is decompressed: a few bytes may be gigabytes (and the log shows bytes).
        sent = {"Host": self.url.authority, "Accept-Encoding": "identity", **own}
        return sent if self.body is None else sent | {"Content-Length": str(len(self.body))}


@dataclass(frozen=True, slots=True)
class Answered:
    """The endpoint answered, whatever its status.

    ``headers`` come in the order received, control characters replaced by spaces. ``body`` holds
    the first bytes as they were on the wire, never decoded; ``body_truncated`` says that there were
    more. ``address`` is the address that was called.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    body_truncated: bool
    duration: timedelta
    address: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """There was no complete answer: why, in a kind and in words for the endpoint's owner.

    ``message`` may hold the endpoint's own words, uncut: what it keeps of them is masked first.
    ``timeout`` is whatever used up the call's time, the name look-up and the TLS handshake
    included. ``address`` is the address called, None when it did not come to that.
    """

    kind: ErrorKind
    message: str
    duration: timedelta
    address: str | None


class Caller(Protocol):
    """Makes calls, and only to addresses that calls may go to."""

    def __call__(self, call: Call) -> Answered | Unanswered:
        """Make the call. Nothing that an endpoint does raises: it comes back as a value."""
        ...
