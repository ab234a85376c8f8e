"""Reads the answers that users configure: to challenges, and a fixed one to all other calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hookline.domain.documents.kinds import Findings, Flag, ListOf, MapOf, Text, Whole, below
from hookline.domain.documents.shape import Object, Shape, optional, required
from hookline.domain.net.header_rules import is_field_name, is_field_value, is_framing
from hookline.domain.sandbox.expressions import MAX_BYTES, InvalidExpression, compile_expression

MAX_CHALLENGES = 10
_MAX_BODY = 16_384
_REFUSED = frozenset({"set-cookie", "content-security-policy", "x-content-type-options"})
"""Answers come from the console's own origin: no cookies, no weaker sandbox."""


def expression_problem(text: str) -> str | None:
    """What is wrong with a JMESPath expression, and where; None for a good one."""
    try:
        compile_expression(text)
    except InvalidExpression as error:
        return error.detail
    return None


def value_problem(text: str) -> str | None:
    """Why a text cannot be a header's value."""
    return None if is_field_value(text) else "must be printable ASCII without spaces at its ends"


EXPRESSION = Text(1, MAX_BYTES, also=expression_problem, example="payload.type == 'ping'")
_STATUS = Whole(200, 599)
_MEDIA_TYPE = Text(3, 100, also=value_problem, example="text/plain")


class ChallengeAnswer(Shape):
    """The answer to a challenge; body and values of headers are expressions over the message."""

    sparse = True

    status = optional(_STATUS, "200 where nothing is said.")
    content_type = optional(_MEDIA_TYPE, "text/plain where nothing is said.")
    headers = optional(MapOf(EXPRESSION), "By name; one that comes to null is left out.")
    body = optional(EXPRESSION, "Comes to a text; anything else is written as JSON.")


class ChallengeFields(Shape):
    """What a sender asks when a hook is set up: answered at once, before functions."""

    sparse = True

    when = required(EXPRESSION, "Over the message: what this is the answer to.")
    respond = required(Object(ChallengeAnswer), "The answer.")
    signed = optional(Flag(), "Whether the call has to verify for it; not so by default.")


class FixedAnswer(Shape):
    """The answer to calls that are neither a challenge nor synchronous."""

    sparse = True

    status = optional(_STATUS, "202 where nothing is said.")
    headers = optional(MapOf(Text(0, 1_000, also=value_problem)), "By name.")
    body = optional(Text(0, _MAX_BODY), "Sent as it is.")


CHALLENGES = ListOf(Object(ChallengeFields), 0, MAX_CHALLENGES)
RESPOND = Object(FixedAnswer)


def read_challenges(given: object, findings: Findings, path: str) -> tuple[Mapping[str, Any], ...]:
    """The challenges in the form that is stored."""
    if given is None:
        return ()
    found = CHALLENGES.read(given, findings, path)
    for index, each in enumerate(found):
        at = below(below(path, index), "respond")
        _check_answer(each.respond.values, findings, at)
    return tuple(plain(each) for each in found)


def read_respond(given: object, findings: Findings, path: str) -> Mapping[str, Any] | None:
    """The fixed answer in the form that is stored; None if there is none."""
    if given is None:
        return None
    found = RESPOND.read(given, findings, path)
    _check_answer(found.values, findings, path)
    return plain(found)


def plain(shape: Shape) -> dict[str, Any]:
    """The fields that were given."""
    return {
        name: plain(value) if isinstance(value, Shape) else value
        for name, value in shape.values.items()
        if value is not None
    }


def _check_answer(values: Mapping[str, object], findings: Findings, path: str) -> None:
    status, headers = values.get("status"), values.get("headers")
    if isinstance(status, int) and 300 <= status < 400:
        findings.add(below(path, "status"), "must not be a redirect")
    for name in headers if isinstance(headers, Mapping) else ():
        at = below(below(path, "headers"), name)
        if not is_field_name(name):
            findings.add(at, "is not a header name (RFC 9110)")
        elif is_framing(name) or name.lower() in _REFUSED:
            findings.add(at, "is set by the platform")
