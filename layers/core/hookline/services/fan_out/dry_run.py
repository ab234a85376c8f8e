"""Shows which webhooks would get an event, and why or why not. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hookline.domain.documents.kinds import Findings
from hookline.domain.documents.shape import Object
from hookline.domain.event.event import Event
from hookline.domain.event.fields import EVENT_ID_TEXT
from hookline.domain.event.filters import doubts_about
from hookline.domain.event.rules import event_of
from hookline.domain.fan_out.matching import (
    NOT_TRUE,
    Considered,
    Interest,
    Matched,
    explain,
    sides_of_filter,
)
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.sandbox.allowance import Allowance, Exhausted
from hookline.domain.webhook.document import filter_warnings
from hookline.domain.webhook.fields import UnsavedFields
from hookline.domain.webhook.rules import scope_of
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import FieldError, Rejected
from hookline.ports import Clock
from hookline.ports.events import Events
from hookline.ports.webhooks import Webhooks

MOST_WEBHOOKS = 1_000
"""Webhooks in one dry run: ten reads, and an answer of some 200 KB."""

MOST_STEPS = 2_000_000
"""Steps that filters take in one dry run, two seconds of a processor."""

_PAGE = 100
_NO_ID = EventId("dry-run")
_BESIDES = ("event_id", "webhook")

Visible = Callable[[Sequence[WebhookId]], frozenset[WebhookId]]
"""Which of up to 100 webhooks the caller may see."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one webhook would get the event, and doubts about its filter.

    ``webhook`` is None for the one that is not saved.
    """

    webhook: Webhook | None
    matched: bool
    reason: str
    warnings: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One for each visible webhook, newest first.

    ``truncated`` if there are more, or if the filters take more steps than a dry run may.
    """

    items: tuple[Verdict, ...]
    truncated: bool


class DryRun:
    """Decides with the same function as the fan-out."""

    def __init__(self, webhooks: Webhooks, events: Events, clock: Clock) -> None:
        self._webhooks = webhooks
        self._events = events
        self._clock = clock

    def __call__(
        self, tenant: TenantId, document: Mapping[str, object], visible: Visible
    ) -> Verdicts:
        """Looks at the tenant's newest `MOST_WEBHOOKS`; see `DryRunFields`. Raises Rejected."""
        interest = _unsaved(document.get("webhook"))
        event = Considered(self._event(tenant, document), Allowance(MOST_STEPS))
        if interest is not None:
            return _of_unsaved(event, interest)
        items: list[Verdict] = []
        before: WebhookId | None = None
        for _ in range(MOST_WEBHOOKS // _PAGE):
            page, before = self._webhooks.page(tenant, _PAGE, before)
            seen = visible([webhook.id for webhook in page])
            try:
                items.extend(_verdict(event, webhook) for webhook in page if webhook.id in seen)
            except Exhausted:
                return Verdicts(tuple(items), truncated=True)
            if before is None:
                break
        return Verdicts(tuple(items), truncated=before is not None)

    def _event(self, tenant: TenantId, document: Mapping[str, object]) -> Event:
        rest = {name: value for name, value in document.items() if name not in _BESIDES}
        wanted = document.get("event_id")
        if wanted is None:
            return event_of(rest, tenant, self._clock(), _NO_ID)
        findings = Findings()
        event_id = EVENT_ID_TEXT.read(wanted, findings, "event_id")
        for name in rest:
            findings.add(name, "cannot be combined with event_id")
        findings.settle()
        event = self._events.get(tenant, EventId(event_id))
        if event is None:
            raise Rejected([FieldError("event_id", "names no event that is still kept")])
        return event


def _unsaved(given: object) -> Interest | None:
    if given is None:
        return None
    findings = Findings()
    fields = Object(UnsavedFields).read(given, findings, "webhook")
    scope = scope_of(fields.scope, findings)
    findings.settle()
    return Interest(fields.events, scope, fields.filter)


def _of_unsaved(event: Considered, interest: Interest) -> Verdicts:
    try:
        matched, reason = _decided(event, interest)
    except Exhausted:
        return Verdicts((), truncated=True)
    doubts = tuple(FieldError("webhook.filter", each) for each in doubts_about(interest.filter))
    return Verdicts((Verdict(None, matched, reason, doubts),), truncated=False)


def _verdict(event: Considered, webhook: Webhook) -> Verdict:
    matched, reason = _decided(event, Interest.of_webhook(webhook))
    return Verdict(webhook, matched, reason, filter_warnings(webhook))


def _decided(event: Considered, interest: Interest) -> tuple[bool, str]:
    found = explain(event, interest)
    reason = found.reason
    if reason == NOT_TRUE and interest.filter is not None:
        reason += sides_of_filter(event, interest.filter)
    return isinstance(found, Matched), reason
