"""Whether a call is a challenge by its sender, and the answer to it."""

from __future__ import annotations

from collections.abc import Mapping

from hookline.domain.documents.strict_json import dumps
from hookline.domain.inbound.answers import Answer, Challenge
from hookline.domain.inbound.message import Message
from hookline.domain.inbound.provider import Provider, ProviderSecrets
from hookline.domain.inbound.views import match_view
from hookline.domain.net.header_rules import is_field_value
from hookline.domain.sandbox.expressions import ExpressionFailed, compile_expression, truthy

Scope = Mapping[str, object]


def scope_of(message: Message, provider: Provider, secrets: ProviderSecrets) -> Scope:
    """What a challenge's expressions see: the message, the properties and the first secret.

    Nothing is masked: the result goes to the caller alone, and only an admin writes it.
    """
    view = match_view(message)
    return {
        **view,
        "message": view,
        "properties": {**provider.properties, **secrets.properties},
        "secret": next(iter(secrets.credentials), None),
    }


def challenge_in(provider: Provider, scope: Scope, *, verified: bool) -> Challenge | None:
    """The first challenge that the call is; one that must be signed counts only if it is."""
    return next(
        (
            each
            for each in provider.all_challenges
            if (verified or not each.signed) and truthy(_value(each.when, scope))
        ),
        None,
    )


def answer_of(challenge: Challenge, scope: Scope) -> Answer:
    """The answer; a body that is no text is written as JSON."""
    headers = {"Content-Type": challenge.content_type} if challenge.body is not None else {}
    for name, expression in challenge.headers.items():
        value = _value(expression, scope)
        if isinstance(value, str) and is_field_value(value):
            headers[name] = value
    body = None if challenge.body is None else _value(challenge.body, scope)
    return Answer(challenge.status, headers, _text(body))


def _value(expression: str, scope: Scope) -> object:
    try:
        return compile_expression(expression).evaluate(scope)
    except ExpressionFailed:  # it has no value for this call
        return None


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value)
