"""Whether an event is for a webhook, and why not: one answer for fan-out and dry run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from hookline.domain.event.event import Event, event_document
from hookline.domain.event.patterns import matches
from hookline.domain.sandbox.allowance import Allowance
from hookline.domain.webhook.webhook import Scope, Subscription, Webhook

NOT_TRUE = "its filter is not true for the event"

_EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Interest:
    """What a webhook wants to be called for; ``events`` are subscription patterns."""

    events: tuple[str, ...]
    scope: Scope = _EVERYWHERE
    filter: str | None = None
    enabled: bool = True

    @classmethod
    def of_webhook(cls, webhook: Webhook) -> Interest:
        """All that a webhook is interested in."""
        return cls(webhook.events, webhook.scope, webhook.filter, webhook.enabled)

    @classmethod
    def of_subscription(cls, subscription: Subscription) -> Interest:
        """The interest of one subscription of an enabled webhook."""
        return cls((subscription.pattern,), subscription.scope, subscription.filter)


Cause = Literal["off", "type", "scope", "environment", "filter"]


@dataclass(frozen=True, slots=True)
class Matched:
    """The event is for the webhook; ``reason`` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotMatched:
    """The event is not for the webhook; ``reason`` is the first thing that rules it out.

    ``cause`` is the same in one word, ``evidence`` the part of the event that was looked at.
    ``failure`` says why the filter failed, if it failed rather than said no.
    """

    reason: str
    cause: Cause
    evidence: Mapping[str, object] = field(default_factory=dict)
    failure: str | None = None


class Considered:
    """An event to be matched against many webhooks: what they all need is computed once.

    Their filters share an ``allowance``.
    """

    def __init__(self, event: Event, allowance: Allowance | None = None) -> None:
        self.event = event
        self.allowance = allowance

    @cached_property
    def document(self) -> dict[str, object]:
        """What filters look at."""
        return event_document(self.event)

    @cached_property
    def parts_of_feature(self) -> int:
        """The number of values in its feature: no activation looks at more."""
        pending: list[object] = [self.event.feature]
        count = 0
        while pending:
            part = pending.pop()
            count += 1
            if isinstance(part, Mapping):
                pending.extend(part.values())
            elif isinstance(part, list):
                pending.extend(part)
        return count


def explain(event: Event | Considered, interest: Interest) -> Matched | NotMatched:
    """Decides, and says why. Looks at the switch, types, scope and filter, in this order.

    Raises Exhausted if the allowance runs out.
    """
    considered = event if isinstance(event, Considered) else Considered(event)
    event = considered.event
    if not interest.enabled:
        return NotMatched("the webhook is off", "off")
    pattern = next((one for one in interest.events if matches(one, event.type)), None)
    if pattern is None:
        why = f"its events do not include {event.type}"
        return NotMatched(why, "type", {"type": event.type})
    against = _outside(event, interest.scope) or _filtered_out(considered, interest.filter)
    if against:
        return against
    return Matched(f"its events include {event.type} by {pattern}")


def _outside(event: Event, scope: Scope) -> NotMatched | None:
    # Reference row IZ-2: one list is enough, and an event in both still counts once.
    if not (scope.is_global or _entity_listed(event, scope) or event.project in scope.projects):
        why = "neither its scope's entities nor its projects list the event's"
        return NotMatched(why, "scope", {"project": event.project, "entity_id": event.entity_id})
    environment = event.environment
    if environment is not None and scope.environments and environment not in scope.environments:
        why = f"its scope's environments do not list {environment}"
        return NotMatched(why, "environment", {"environment": environment})
    return None


def _entity_listed(event: Event, scope: Scope) -> bool:
    feature_id = event.feature.get("id") if event.feature else None
    return event.entity_id in scope.entities or (
        isinstance(feature_id, str) and feature_id in scope.entities
    )


def _filtered_out(considered: Considered, text: str | None) -> NotMatched | None:
    if text is None:
        return None
    # Loaded with the first filter: most webhooks have none.
    from hookline.domain.sandbox.expressions import (  # noqa: PLC0415
        ExpressionFailed,
        InvalidExpression,
        compile_expression,
        truthy,
    )

    try:
        result = compile_expression(text).evaluate(considered.document, considered.allowance)
    except (ExpressionFailed, InvalidExpression) as error:
        why = f"its filter fails: {error}"
        return NotMatched(why, "filter", {"filter": text}, failure=str(error))
    if truthy(result):
        return None
    return NotMatched(NOT_TRUE, "filter", {"filter": text, "result": result})


def sides_of_filter(considered: Considered, text: str) -> str:
    """The values of the filter's comparisons, to follow `NOT_TRUE`. Raises Exhausted."""
    from hookline.domain.sandbox.doubts import sides  # noqa: PLC0415 - as above
    from hookline.domain.sandbox.expressions import compile_expression  # noqa: PLC0415

    found = sides(compile_expression(text), considered.document, considered.allowance)
    return f": {', '.join(found)}" if found else ""
