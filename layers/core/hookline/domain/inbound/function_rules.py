"""Reads a function as users write it: every broken rule at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hookline.domain.documents.fields import Fields, Findings, set_by_the_server
from hookline.domain.ids import ProviderId, WebhookId
from hookline.domain.inbound.documents import READ_ONLY
from hookline.domain.inbound.function import Action, Forward, Invoke, Publish, bare_uri
from hookline.domain.inbound.provider_rules import (
    check_expression,
    function_arn,
    required_choice,
    required_object,
)
from hookline.domain.net.header_rules import is_field_name, is_platform_owned
from hookline.domain.sandbox.expressions import MAX_BYTES
from hookline.errors import FieldError

_EVENT_FIELDS = (
    "id",
    "type",
    "occurred_at",
    "actor",
    "project",
    "environment",
    "entity_id",
    "entity_type",
    "entity_url",
    "entity",
    "data",
    "previous_data",
    "tags",
    "feature",
)
"""What product section 3 lets an event carry."""

_MAX_DEPTH = 8
_MAX_FORWARDED = 30
_ACTIONS = ("publish", "invoke", "forward")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """What a user decides about a function, checked."""

    provider_id: ProviderId
    uri: str
    name: str
    description: str
    active: bool
    when: str | None
    each: str | None
    log_message: str | None
    action: Action


def read_function(
    document: Mapping[str, object],
    allowed_functions: AbstractSet[str],
    misfits: Callable[[FunctionSettings], Sequence[FieldError]],
) -> FunctionSettings:
    """The settings of a document such as product section 12 shows.

    ``misfits`` tells what does not fit the rest of the tenant: a provider or webhook that is not
    there. Raises Rejected with every broken rule, one for each field it tells.
    """
    fields = Fields(document, Findings())
    name = fields.required_text("name", 200)
    description = fields.prose("description", 500) or ""
    active = fields.boolean("active", default=True)
    provider_id = ProviderId(fields.required_text("provider_id", 64))
    uri = bare_uri(fields.required_text("uri", 1_024))
    if "?" in uri:
        fields.refuse("uri", "must be a path: the query does not count for the match")
    elif not uri and not fields.findings.touch("uri"):
        fields.refuse("uri", "must have at least one character that is no slash")
    elif "**" in uri.split("/")[:-1]:
        fields.refuse("uri", "must not have ** but at its end")
    when, each, log_message = (
        _expression(fields, name) for name in ("when", "each", "log_message")
    )
    action = _action(required_object(fields, "action"), allowed_functions)
    if each is not None and isinstance(action, Forward):
        fields.refuse("each", "cannot be there with forward, which hands on the whole body")
    fields.close(set_by_the_server(READ_ONLY))
    settings = FunctionSettings(
        provider_id=provider_id,
        uri=uri,
        name=name,
        description=description,
        active=active,
        when=when,
        each=each,
        log_message=log_message,
        action=action,
    )
    findings = fields.findings
    for misfit in misfits(settings):
        if not findings.touch(misfit.field):
            findings.add(misfit.field, misfit.message)
    findings.settle()
    return settings


def _action(fields: Fields | None, allowed_functions: AbstractSet[str]) -> Action:
    if fields is None:
        return Invoke("")
    kind = required_choice(fields, "type", _ACTIONS)
    action: Action
    if kind is None:
        return Invoke("")
    if kind == "publish":
        action = Publish(_event(required_object(fields, "event")))
    elif kind == "invoke":
        action = Invoke(function_arn(fields, allowed_functions))
    else:
        webhook_id = WebhookId(fields.required_text("webhook_id", 64))
        names = fields.texts("headers", _MAX_FORWARDED, 100, _forwarded_problem)
        action = Forward(webhook_id, tuple(name.lower() for name in names))
    fields.close()
    return action


def _expression(fields: Fields, name: str) -> str | None:
    text = fields.prose(name, MAX_BYTES)
    if text is not None:
        check_expression(fields, name, text)
    return text


def _forwarded_problem(name: str) -> str | None:
    if not is_field_name(name):
        return "is not a header name (RFC 9110)"
    return "is set by the platform" if is_platform_owned(name) else None


def _event(fields: Fields | None) -> dict[str, object]:
    if fields is None:
        return {}
    event = {name: fields.raw(name) for name in _EVENT_FIELDS if fields.has(name)}
    if "type" not in event:
        fields.refuse("type", "is required")
    for name, value in event.items():
        _check_expressions(fields, name, value, 0)
    fields.close()
    return event


def _check_expressions(fields: Fields, path: str, value: object, depth: int) -> None:
    match value:
        case str():
            check_expression(fields, path, value)
        case dict() if depth < _MAX_DEPTH:
            for name, part in value.items():
                _check_expressions(fields, f"{path}.{name}", part, depth + 1)
        case _:
            fields.refuse(path, "must be a JMESPath expression, or an object of them")
