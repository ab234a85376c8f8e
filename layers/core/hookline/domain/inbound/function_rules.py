"""Reads a function as users write it: every broken rule at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hookline.domain.ids import WebhookId
from hookline.domain.inbound.fields import Fields
from hookline.domain.inbound.function import Action, Forward, Invoke, Publish, same_uri
from hookline.domain.inbound.ids import ProviderId
from hookline.domain.inbound.provider_rules import check_function_arn
from hookline.errors import FieldError, Rejected

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """What a user decides about a function, checked."""

    provider_id: ProviderId
    uri: str
    name: str
    description: str
    active: bool
    action: Action


def read_function(
    document: object,
    allowed_functions: AbstractSet[str],
    misfits: Callable[[FunctionSettings], Sequence[FieldError]],
) -> FunctionSettings:
    """The settings of a document such as product section 12 shows.

    ``misfits`` tells what does not fit the rest of the tenant: a provider or webhook that is not
    there. Raises Rejected with every broken rule, one for each field it tells.
    """
    fields = Fields(document, [])
    name = fields.text("name", most=200)
    description = fields.text("description", least=0, most=500, default="")
    active = fields.flag("active", default=True)
    provider_id = ProviderId(fields.text("provider_id", most=64))
    uri = same_uri(fields.text("uri", most=1_024))
    if "?" in uri:
        fields.wrong("uri", "must be a path: the query does not count for the match")
    elif fields.has("uri") and not uri:
        fields.wrong("uri", "must have at least one character that is no slash")
    action = _action(fields.object("action"), allowed_functions)
    fields.refuse_others()
    settings = FunctionSettings(
        provider_id=provider_id,
        uri=uri,
        name=name,
        description=description,
        active=active,
        action=action,
    )
    known = {error.field for error in fields.errors}
    errors = [*fields.errors, *(each for each in misfits(settings) if each.field not in known)]
    if errors:
        raise Rejected(errors)
    return settings


def _action(fields: Fields | None, allowed_functions: AbstractSet[str]) -> Action:
    if fields is None:
        return Invoke("")
    kind = fields.choice("type", ("publish", "invoke", "forward"))
    action: Action
    if kind == "publish":
        action = Publish(_event(fields.object("event")))
    elif kind == "invoke":
        action = Invoke(check_function_arn(fields, allowed_functions))
    else:
        action = Forward(WebhookId(fields.text("webhook_id", most=64)))
    fields.refuse_others()
    return action


def _event(fields: Fields | None) -> dict[str, object]:
    if fields is None:
        return {}
    event = {name: fields.raw(name) for name in _EVENT_FIELDS if fields.has(name)}
    if "type" not in event:
        fields.wrong("type", "is required")
    for name, value in event.items():
        _check_expressions(fields, name, value, 0)
    fields.refuse_others()
    return event


def _check_expressions(fields: Fields, path: str, value: object, depth: int) -> None:
    match value:
        case str():
            fields.check_expression(path, value)
        case dict() if depth < _MAX_DEPTH:
            for name, part in value.items():
                _check_expressions(fields, f"{path}.{name}", part, depth + 1)
        case _:
            fields.wrong(
                path,
                "must be a JMESPath expression (a literal: 'text' or `1`), or an object of them",
            )
