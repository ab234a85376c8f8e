"""What a call is answered with besides 202: a challenge that its sender sets, or a fixed text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Respond:
    """A fixed answer."""

    status: int = 202
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A call that is no news: its answer, at once, is what its sender waits for.

    ``when``, ``body`` and the values of ``headers`` are expressions. ``signed`` asks for the
    verification to pass; what a sender asks before it knows a secret cannot. Without ``answers``
    the call is only noted. ``note`` is what the log calls it.
    """

    when: str
    status: int = 200
    content_type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    signed: bool = False
    note: str = "challenge"
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is sent."""

    status: int
    headers: Mapping[str, str]
    body: str


def challenge_of(document: Mapping[str, Any]) -> Challenge:
    """The challenge of a document whose rules were checked, or that we wrote ourselves."""
    respond: Mapping[str, Any] | None = document.get("respond")
    given = respond or {}
    return Challenge(
        when=document["when"],
        status=int(given.get("status") or 200),
        content_type=given.get("content_type") or TEXT,
        headers=dict(given.get("headers") or {}),
        body=given.get("body"),
        signed=bool(document.get("signed")),
        note=document.get("note") or "challenge",
        answers=respond is not None,
    )


def respond_of(document: Mapping[str, Any]) -> Respond:
    """The fixed answer of a document."""
    return Respond(
        status=int(document.get("status") or 202),
        headers=dict(document.get("headers") or {}),
        body=document.get("body") or "",
    )
