"""Tells for an event which webhooks would get it, and why or why not. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import FieldError
from hookline.ports import Clock
from hookline.ports.webhooks import Webhooks

MOST_WEBHOOKS = 1_000
"""Webhooks looked at in one dry run: ten reads, and an answer of some 200 KB."""

_MOST_STEPS = 2_000_000
"""Steps that filters take in one dry run, two seconds of a processor."""

_PAGE = 100
_NO_ID = EventId("dry-run")

Visible = Callable[[Sequence[WebhookId]], frozenset[WebhookId]]
"""Which of at most 100 webhooks the caller may see."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one webhook would get the event, and what in its filter can hardly be meant."""

    webhook: Webhook
    matched: bool
    reason: str
    warnings: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One for each visible webhook, newest first; ``truncated`` when there are more of them.

    That is so too where their filters take more than a dry run may.
    """

    items: tuple[Verdict, ...]
    truncated: bool


class DryRun:
    """Decides with the very function that fan-out decides with."""

    def __init__(self, webhooks: Webhooks, clock: Clock) -> None:
        self._webhooks = webhooks
        self._clock = clock

    def __call__(
        self, tenant: TenantId, document: Mapping[str, object], visible: Visible
    ) -> Verdicts:
        """Looks at the tenant's newest `MOST_WEBHOOKS`. Raises Rejected for a broken event."""
        event = Considered(
            event_of(document, tenant, self._clock(), _NO_ID), Allowance(_MOST_STEPS)
        )
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


def _verdict(event: Considered, webhook: Webhook) -> Verdict:
    found = explain(event, Interest.of_webhook(webhook))
    reason = found.reason
    if reason == NOT_TRUE and webhook.filter is not None:
        reason += sides_of_filter(event, webhook.filter)
    return Verdict(webhook, isinstance(found, Matched), reason, filter_warnings(webhook))
