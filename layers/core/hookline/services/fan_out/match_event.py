"""Finds the webhooks an event is for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from hookline.domain.event.activation import activation_of
from hookline.domain.event.event import Event
from hookline.domain.event.patterns import patterns_for
from hookline.domain.fan_out.fan_out import Match
from hookline.domain.fan_out.matching import Interest, Matched, explain
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.webhook import Subscription

if TYPE_CHECKING:
    from hookline.ports.webhooks import Subscriptions, Webhooks


class MatchEvents:
    """Matches the events of one batch, looking each pattern up once.

    Make one for each batch, after all of its events were accepted: a subscription that a user saw
    saved before publishing is found then, whoever published first.
    """

    def __init__(self, subscriptions: Subscriptions, webhooks: Webhooks) -> None:
        self._subscriptions = subscriptions
        self._webhooks = webhooks
        self._found: dict[tuple[TenantId, tuple[str, ...]], Sequence[Subscription]] = {}

    def __call__(self, event: Event, now: datetime) -> tuple[Match, ...]:
        """One match for each webhook, activations as of ``now``. Raises Unavailable."""
        if event.target is not None:
            return self._targeted(event, event.target)
        matches: dict[WebhookId, Match] = {}
        activations: dict[tuple[str | None, str | None], object] = {}
        for subscription in self._subscribed(event):
            if subscription.webhook_id in matches:
                continue  # subscribed by several patterns, called once (reference row IZ-2)
            if not isinstance(explain(event, Interest.of_subscription(subscription)), Matched):
                continue
            asked = (subscription.context, subscription.user)
            if asked not in activations:
                activations[asked] = _activation(event, *asked, now)
            matches[subscription.webhook_id] = Match(
                subscription.webhook_id, subscription.max_age, activations[asked]
            )
        return tuple(matches.values())

    def _subscribed(self, event: Event) -> Sequence[Subscription]:
        patterns = patterns_for(event.type)
        key = (event.tenant, patterns)
        if key not in self._found:
            self._found[key] = self._subscriptions.under(event.tenant, patterns)
        return self._found[key]

    def _targeted(self, event: Event, target: WebhookId) -> tuple[Match, ...]:
        """Whatever it subscribes to. A test reaches a webhook that is off, too: it is held."""
        webhook = self._webhooks.get(event.tenant, target)
        if webhook is None or not (webhook.enabled or event.test):
            return ()
        return (Match(webhook.id, webhook.retry.max_age),)


def _activation(event: Event, context: str | None, user: str | None, now: datetime) -> object:
    """Reference row IZ-4: for nobody in particular where the webhook does not say for whom."""
    if event.feature is None:
        return None
    return activation_of(event.feature, context, user, now).as_plain()
