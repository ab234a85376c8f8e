"""What systems send to see whether an address answers, before or between real calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.domain.inbound.message import Call
from hookline.domain.inbound.verification import Preset, Verification


@dataclass(frozen=True, slots=True)
class Handshake:
    """A call of a known system that is no news: no function runs for it.

    ``reply`` is the text its sender waits for, None where any 2xx does.
    """

    note: str
    reply: str | None = None


def handshake_of(verification: Verification, call: Call, payload: object) -> Handshake | None:
    """The handshake that a verified call is, if it is one.

    Slack: https://api.slack.com/events/url_verification. GitHub:
    https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping. Bitbucket Data Center:
    https://confluence.atlassian.com/bitbucketserver/manage-webhooks-938025878.html ("Test
    connection"). Shopify, Stripe, GitLab, Jira and Standard Webhooks know none: they only want a
    2xx within seconds, which every call gets.
    """
    match verification:
        case Preset("slack"):
            challenge = challenge_of(payload)
            return Handshake("url_verification", challenge) if challenge else None
        case Preset("github") if call.headers.get("x-github-event") == "ping":
            return Handshake("ping")
        case Preset("bitbucket") if call.headers.get("x-event-key") == "diagnostics:ping":
            return Handshake("diagnostics:ping")
        case _:
            return None


def challenge_of(payload: object) -> str | None:
    """Slack's challenge, of a payload that looks like its url_verification."""
    if not isinstance(payload, Mapping) or payload.get("type") != "url_verification":
        return None
    challenge = payload.get("challenge")
    return challenge if isinstance(challenge, str) else None
