"""Answers to a call other than 202: to a challenge of its sender, or a fixed text."""

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
    """A call that carries no news: its sender waits for a certain answer.

    ``when``, ``body`` and the values of ``headers`` are expressions. ``signed`` requires that the
    call verifies, which it cannot before the sender knows a secret. Without ``answers`` the call is
    only noted. ``note`` is what the log says of it.
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
    """An answer, ready to be sent."""

    status: int
    headers: Mapping[str, str]
    body: str


def challenge_of(document: Mapping[str, Any]) -> Challenge:
    """The challenge in a document that was checked or is our own."""
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
