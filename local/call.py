"""One webhook call as the receiver saw it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """A call and how it was answered. A body that is not UTF-8 is given in base64."""

    number: int
    received_at: str
    """ISO 8601, UTC."""
    method: str
    path: str
    query: str
    headers: dict[str, str]
    """By lower-case name."""
    body: str
    body_is_base64: bool
    status: int
    """What it was answered with; 0: the connection was reset."""
