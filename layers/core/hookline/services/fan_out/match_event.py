"""Finds the webhooks an event is for, a bounded number at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import CHUNK_SIZE, Match, Stretch
from hookline.domain.fan_out.matching import Considered, Interest, Matched, explain
from hookline.domain.ids import WebhookId
from hookline.domain.sandbox.allowance import Allowance, Exhausted
from hookline.domain.webhook.webhook import Subscription
from hookline.services.fan_out.filter_failures import FilterFailures
from hookline.services.fan_out.subscribers import Subscribers

if TYPE_CHECKING:
    from hookline.ports.webhooks import Webhooks

_LOG = logging.getLogger("hookline.fan_out")

type _Asked = tuple[str | None, str | None]


class MatchEvent:
    """Matches an event against its possible subscribers in the order of their ids, each once."""

    def __init__(
        self, subscribers: Subscribers, webhooks: Webhooks, failures: FilterFailures
    ) -> None:
        self._subscribers = subscribers
        self._webhooks = webhooks
        self._failures = failures

    def __call__(
        self,
        event: Event,
        now: datetime,
        allowance: Allowance,
        *,
        after: WebhookId | None = None,
        most: int = CHUNK_SIZE,
        has_time: Callable[[], bool] = lambda: True,
    ) -> Stretch:
        """The webhooks after ``after``, at most ``most``, with activations as of ``now``.

        It ends early if the allowance does, and reaches no further than what is known for sure.
        Raises Unavailable.
        """
        if event.target is not None:
            return self._targeted(event, event.target)
        asking = _Asking(event, now, allowance, self._failures)
        reached = after
        begun, unreadable = allowance.spent, self._subscribers.unreadable
        finished = False
        try:
            for subscription in self._subscribers.hearing(event, after, allowance):
                if len(asking.matches) == most or not has_time():
                    break
                asking(subscription)
                reached = subscription.webhook_id
            else:
                finished = True
        except Exhausted:
            finished = False
        return Stretch(
            matches=tuple(asking.matches),
            reached=reached,
            finished=finished,
            spent=allowance.spent - begun,
            passed_over=asking.passed_over + self._subscribers.unreadable - unreadable,
        )

    def _targeted(self, event: Event, target: WebhookId) -> Stretch:
        """Whatever it subscribes to. A test also reaches a webhook that is off: it waits there."""
        webhook = self._webhooks.get(event.tenant, target)
        wanted = webhook is not None and (webhook.enabled or event.test)
        matches = (Match(webhook.id, webhook.retry.max_age),) if webhook and wanted else ()
        return Stretch(matches, None, finished=True)


class _Asking:
    """One stretch of an event; what all webhooks share is computed once."""

    def __init__(
        self, event: Event, now: datetime, allowance: Allowance, failures: FilterFailures
    ) -> None:
        self._event = event
        self._failures = failures
        self._now = now
        self._allowance = allowance
        self._considered = Considered(event, allowance)
        self._activations: dict[_Asked, object] = {}
        self.matches: list[Match] = []
        self.passed_over = 0

    def __call__(self, subscription: Subscription) -> None:
        """Adds it to the matches if it matches. Raises Exhausted."""
        self._allowance.pay(1)
        try:
            interest = Interest.of_subscription(subscription)
            verdict = explain(self._considered, interest)
            if isinstance(verdict, Matched):
                activation = self._activation(subscription.context, subscription.user)
                webhook_id, max_age = subscription.webhook_id, subscription.max_age
                self.matches.append(Match(webhook_id, max_age, activation))
            elif verdict.failure is not None:
                self._failures.saw(subscription.tenant, subscription.webhook_id, verdict.failure)
        except Exhausted:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with one subscription, the others are not
            self.passed_over += 1
            names = {"tenant": subscription.tenant, "webhook": subscription.webhook_id}
            _LOG.exception("subscription.passed_over", extra=names)

    def _activation(self, context: str | None, user: str | None) -> object:
        """Reference row IZ-4: for no particular user if the webhook names none."""
        feature = self._event.feature
        if feature is None:
            return None
        # Loaded with the first feature: most publishers have none, and it takes some 7 ms.
        from hookline.domain.event.activation import activation_of  # noqa: PLC0415

        asked = (context, user)
        if asked not in self._activations:
            self._allowance.pay(self._considered.parts_of_feature)
            computed = activation_of(feature, context, user, self._now).as_plain()
            self._activations[asked] = computed
        return self._activations[asked]
