"""Reads a function as users write it: every broken rule at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hookline.domain.documents.kinds import Findings
from hookline.domain.documents.shape import Shape
from hookline.domain.event.fields import EventFields
from hookline.domain.ids import ProviderId, WebhookId
from hookline.domain.inbound.answer_rules import expression_problem
from hookline.domain.inbound.fields import (
    ActionForwardFields,
    ActionInvokeFields,
    ActionPublishFields,
    FunctionFields,
)
from hookline.domain.inbound.function import Action, Forward, Invoke, Publish, bare_uri
from hookline.domain.inbound.provider_rules import check_function
from hookline.errors import FieldError

_MAX_DEPTH = 8
"""Levels of nesting in the event."""


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
    """The settings in a document as in product section 12.

    ``misfits`` says what does not fit the rest of the tenant: a provider or webhook that does not
    exist. Raises Rejected with every broken rule, one for each field.
    """
    findings = Findings()
    given = FunctionFields.read(document, findings)
    uri = bare_uri(given.uri)
    if "?" in uri:
        findings.add("uri", "must be a path: the query does not count for the match")
    elif not uri and not findings.touch("uri"):
        findings.add("uri", "must have at least one character that is no slash")
    elif "**" in uri.split("/")[:-1]:
        findings.add("uri", "must not have ** but at its end")
    action = _action(given.action, allowed_functions, findings)
    if given.each is not None and isinstance(action, Forward):
        findings.add("each", "cannot be there with forward, which hands on the whole body")
    settings = FunctionSettings(
        provider_id=ProviderId(given.provider_id),
        uri=uri,
        name=given.name,
        description=given.description,
        active=given.active,
        when=given.when,
        each=given.each,
        log_message=given.log_message,
        action=action,
    )
    for misfit in misfits(settings):
        if not findings.touch(misfit.field):
            findings.add(misfit.field, misfit.message)
    findings.settle()
    return settings


def _action(given: Shape, allowed_functions: AbstractSet[str], findings: Findings) -> Action:
    match given:
        case ActionPublishFields(event=event):
            return Publish(_event(event, findings))
        case ActionInvokeFields(function_arn=arn):
            check_function(arn, "action.function_arn", allowed_functions, findings)
            return Invoke(arn)
        case ActionForwardFields(webhook_id=webhook_id, headers=names):
            return Forward(WebhookId(webhook_id), tuple(name.lower() for name in names))
        case _:
            return Invoke("")


def _event(given: object, findings: Findings) -> dict[str, object]:
    """The event's fields, each text in them an expression."""
    if not isinstance(given, dict):
        if given is not None:
            findings.add("action.event", "must be an object")
        return {}
    event = {name: value for name, value in given.items() if value is not None}
    if "type" not in event:
        findings.add("action.event.type", "is required")
    for name, value in event.items():
        if name in EventFields.fields:
            _check_expressions(f"action.event.{name}", value, 0, findings)
        else:
            findings.add(f"action.event.{name}", "is not a known field")
    return event


def _check_expressions(path: str, value: object, depth: int, findings: Findings) -> None:
    match value:
        case str():
            problem = expression_problem(value)
            if problem is not None:
                findings.add(path, problem)
        case dict() if depth < _MAX_DEPTH:
            for name, part in value.items():
                _check_expressions(f"{path}.{name}", part, depth + 1, findings)
        case _:
            findings.add(path, "must be a JMESPath expression, or an object of them")
