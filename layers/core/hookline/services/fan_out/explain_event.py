"""Explains why an event did or did not reach each webhook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hookline.domain.delivery.delivery import DeliveryKey, Standing, Status
from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import FanOut
from hookline.domain.fan_out.matching import (
    NOT_TRUE,
    Considered,
    Interest,
    Matched,
    explain,
    sides_of_filter,
)
from hookline.domain.ids import EventId, TenantId, WebhookId, delivery_id
from hookline.domain.sandbox.allowance import Allowance, Exhausted
from hookline.domain.times import iso
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import NotFound
from hookline.ports.deliveries import Standings
from hookline.ports.events import Events, FanOuts
from hookline.ports.webhooks import Webhooks

MOST_WEBHOOKS = 300
"""Webhooks in one answer, newest first: three reads of them and three of possible deliveries."""

_MOST_STEPS = 2_000_000
"""Steps that filters take in one answer, two seconds of a processor."""

_PAGE = 100

Visible = Callable[[Sequence[WebhookId]], frozenset[WebhookId]]
"""Which of up to 100 webhooks the caller may see."""

Outcome = Literal["delivered", "waiting", "failed", "cancelled", "not_sent"]

_OUTCOMES: Mapping[Status, Outcome] = {
    Status.CREATED: "waiting",
    Status.RETRYING: "waiting",
    Status.SUCCESS: "delivered",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Why:
    """What happened to the event at one webhook.

    The ``reason`` for not sending is a `Cause` by the webhook's current configuration, or
    ``created_later``, ``changed_later`` (it would match now), ``target`` (the event was for one
    other webhook), ``stopped`` (matching took more than an event may).
    """

    webhook: Webhook
    outcome: Outcome
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whys:
    """One for each visible webhook, newest first; ``truncated`` if there are more."""

    items: Sequence[Why]
    truncated: bool


class ExplainEvent:
    """Looks first for the delivery, whose id follows from event and webhook."""

    def __init__(
        self, *, events: Events, fan_outs: FanOuts, deliveries: Standings, webhooks: Webhooks
    ) -> None:
        self._events = events
        self._fan_outs = fan_outs
        self._deliveries = deliveries
        self._webhooks = webhooks

    def __call__(
        self, tenant: TenantId, event_id: EventId, visible: Visible, *, reveals: bool
    ) -> Whys:
        """``reveals``: the caller may read the event, so the answer shows what filters saw of it.

        Raises NotFound.
        """
        event = self._events.get(tenant, event_id)
        if event is None:
            raise NotFound
        fan_out = self._fan_outs.get(tenant, event.accepted_at, event_id)
        asked = _Asked(Considered(event, Allowance(_MOST_STEPS)), fan_out, reveals)
        items: list[Why] = []
        before: WebhookId | None = None
        for _ in range(MOST_WEBHOOKS // _PAGE):
            page, before = self._webhooks.page(tenant, _PAGE, before)
            seen = visible([webhook.id for webhook in page])
            shown = [webhook for webhook in page if webhook.id in seen]
            keys = {webhook.id: _key(event, webhook) for webhook in shown}
            standing = self._deliveries.standing(list(keys.values()))
            try:
                items.extend(asked.why(each, standing.get(keys[each.id])) for each in shown)
            except Exhausted:
                return Whys(items, truncated=True)
            if before is None:
                break
        return Whys(items, truncated=before is not None)


@dataclass(frozen=True, slots=True)
class _Asked:
    considered: Considered
    fan_out: FanOut | None
    reveals: bool

    def why(self, webhook: Webhook, standing: Standing | None) -> Why:
        """Raises Exhausted."""
        event = self.considered.event
        if standing is not None:
            return _sent(event, webhook, standing)
        if webhook.created_at > event.accepted_at:
            created = {"created_at": iso(webhook.created_at)}
            return Why(webhook, "not_sent", "created_later", created)
        if event.target not in {None, webhook.id}:
            return Why(webhook, "not_sent", "target")
        if self._comes(webhook):
            return Why(webhook, "waiting", "not_fanned_out")
        found = explain(self.considered, Interest.of_webhook(webhook))
        changed = webhook.updated_at > event.accepted_at
        evidence = {"changed_at": iso(webhook.updated_at)} if changed else {}
        if isinstance(found, Matched):
            stopped = self.fan_out is not None and self.fan_out.stopped is not None
            return Why(webhook, "not_sent", "stopped" if stopped else "changed_later", evidence)
        told = dict(found.evidence) if self.reveals else {}
        if told and found.reason == NOT_TRUE and webhook.filter is not None:
            told["saw"] = sides_of_filter(self.considered, webhook.filter).removeprefix(": ")
        return Why(webhook, "not_sent", found.cause, told | evidence)

    def _comes(self, webhook: Webhook) -> bool:
        """Whether the fan-out has yet to come to this webhook."""
        fan_out = self.fan_out
        if fan_out is None:
            return True
        ahead = fan_out.reached is None or webhook.id > fan_out.reached
        return fan_out.open and ahead and fan_out.stopped is None


def _sent(event: Event, webhook: Webhook, standing: Standing) -> Why:
    evidence: dict[str, object] = {
        "delivery_id": _key(event, webhook).id,
        "attempts": standing.attempt_count,
    }
    if standing.next_attempt_at is not None:
        evidence["next_attempt_at"] = iso(standing.next_attempt_at)
    reason = standing.failure_reason or standing.status.value
    return Why(webhook, _OUTCOMES[standing.status], reason, evidence)


def _key(event: Event, webhook: Webhook) -> DeliveryKey:
    made = delivery_id(event.tenant, event.id, webhook.id, event.accepted_at)
    return DeliveryKey(event.tenant, webhook.id, made)
