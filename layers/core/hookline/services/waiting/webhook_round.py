"""Serves webhooks with waiting deliveries once a minute: off, failing, rate-limited or deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING
from zlib import crc32

from hookline.domain.delivery.changing import release
from hookline.domain.delivery.delivery import Delivery, OnItsWebhook
from hookline.domain.delivery.rotation import ALL, Share, rotated
from hookline.domain.ids import WebhookId
from hookline.domain.webhook.health import (
    Draining,
    Health,
    Open,
    drain_allowance,
    drain_interval,
    forgotten,
    nothing_waits,
    probed,
)
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.services.waiting.end_waiting import EndWaiting
from hookline.services.waiting.release_waiting import ReleaseWaiting
from hookline.services.waiting.round_robin import Failure, RoundRobin
from hookline.services.waiting.waiting_deliveries import Change, WaitingDeliveries

if TYPE_CHECKING:
    from hookline.ports.webhooks import WebhookHealth, Webhooks

_EVERY = timedelta(minutes=1)
_PROBE_CANDIDATES = 10
_AT_ONCE = 100
"""Webhooks whose health is read at once; of the others only the ids are in memory."""

_LEFT_OVER = Unavailable("its webhooks' health is throttled")

_THOROUGH_EVERY_MINUTES = 10
"""How often everything that waits on a webhook is checked for its age: 250 MiB to read for a
million. The thousands that are due longest are checked every minute."""

_JUST_DELETED = timedelta(minutes=2)
"""How long after its deletion a webhook's whole log is read for open deliveries."""


@dataclass(frozen=True, slots=True)
class WebhookRoundDone:
    """What a round did: webhooks seen, circuits open, and deliveries released, probed and ended.

    ``failed``: webhooks that could not be served. ``served``: those that got all they may have in
    a minute. ``cut_short``: the time was not enough for all.
    """

    webhooks: int = 0
    open_circuits: int = 0
    released: int = 0
    probes: int = 0
    ended: int = 0
    failed: Sequence[Failure] = ()
    served: tuple[WebhookId, ...] = field(default=(), compare=False)
    cut_short: bool = False

    def __add__(self, other: WebhookRoundDone) -> WebhookRoundDone:
        return WebhookRoundDone(
            self.webhooks + other.webhooks,
            self.open_circuits + other.open_circuits,
            self.released + other.released,
            self.probes + other.probes,
            self.ended + other.ended,
            (*self.failed, *other.failed),
            (*self.served, *other.served),
            self.cut_short or other.cut_short,
        )


class WebhookRound:
    """One round over all webhooks that are marked as having deliveries that wait."""

    def __init__(
        self,
        *,
        health: WebhookHealth,
        webhooks: Webhooks,
        waiting: WaitingDeliveries,
        release_waiting: ReleaseWaiting,
        end_waiting: EndWaiting,
        clock: Clock,
    ) -> None:
        self._health = health
        self._webhooks = webhooks
        self._waiting = waiting
        self._release_waiting = release_waiting
        self._end_waiting = end_waiting
        self._clock = clock

    def __call__(
        self,
        has_time: Callable[[], bool],
        share: Share = ALL,
        served: Collection[str] = (),
    ) -> WebhookRoundDone:
        """Raises Unavailable. A round short of time begins the next one with other webhooks.

        It passes over those that were ``served`` this minute already.
        """
        marked = ((each.tenant, each.webhook_id) for each in self._health.with_waiting())
        mine = [key for key in marked if share.has(key[1]) and key[1] not in served]
        round_robin = RoundRobin(has_time)
        done = WebhookRoundDone()
        for keys in batched(rotated(mine, self._clock(), _EVERY), _AT_ONCE, strict=False):
            if not has_time():
                done = replace(done, cut_short=True)
                break
            found = self._health.get_some(keys)
            turns = round_robin(
                found,
                lambda health: self._turn(health, has_time),
                whose=lambda health: f"{health.tenant}/{health.webhook_id}",
                tenant=lambda health: health.tenant,
            )
            done = sum(turns, done)
            left = set(keys) - {(health.tenant, health.webhook_id) for health in found}
            failed = (Failure(tenant, _LEFT_OVER) for tenant in {tenant for tenant, _ in left})
            cut_short = done.cut_short or round_robin.cut_short
            done = replace(done, failed=(*done.failed, *failed), cut_short=cut_short)
        return replace(done, failed=(*done.failed, *round_robin.failed))

    def _turn(self, health: Health, has_time: Callable[[], bool]) -> Iterator[WebhookRoundDone]:
        done = self._one(health, has_time)
        whole = has_time() or bool(done.released)
        served = (health.webhook_id,) if whole else ()
        yield replace(done, served=served, cut_short=not whole)

    def _one(self, health: Health, has_time: Callable[[], bool]) -> WebhookRoundDone:
        now = self._clock()
        webhook = self._webhooks.get(health.tenant, health.webhook_id)
        if webhook is None:
            return self._deleted(health, has_time, now)
        # Each webhook has its own minutes of the hour for the dear way.
        thorough = (_minute(now) + _spread(health)) % _THOROUGH_EVERY_MINUTES == 0
        ended = self._end_waiting.expire(webhook, has_time, thorough=thorough)
        released = probes = 0
        if webhook.enabled and isinstance(health.circuit, Open):
            probes = self._probe(health, health.circuit, now)
        elif webhook.enabled:
            released = self._drain(webhook, health, now, has_time)
        self._stop_unless_something_waits(health, nothing_waits(health, now))
        return WebhookRoundDone(1, int(isinstance(health.circuit, Open)), released, probes, ended)

    def _deleted(
        self, health: Health, has_time: Callable[[], bool], now: datetime
    ) -> WebhookRoundDone:
        fresh = (
            health.waiting_marked_at is not None and now - health.waiting_marked_at < _JUST_DELETED
        )
        ended = self._end_waiting.cancel(health.tenant, health.webhook_id, has_time, thorough=fresh)
        self._stop_unless_something_waits(health, forgotten(health, now))
        return WebhookRoundDone(webhooks=1, ended=ended)

    def _probe(self, health: Health, circuit: Open, now: datetime) -> int:
        """At most one, of the delivery whose own next attempt has been due longest.

        The health record is changed first: of two rounds at once one may probe, and a crash in
        between costs one interval.
        """
        if now < circuit.next_probe_at:
            return 0
        page = self._waiting.due.on_webhook(health.tenant, health.webhook_id, _PROBE_CANDIDATES)
        candidates = [one for one in self._waiting.read(page.keys) if _due(one, now)]
        if not candidates or not self._health.replace(health, probed(health, now)):
            return 0
        for delivery in candidates:
            after = release(delivery, now, probe=True)
            if self._waiting.put([Change(delivery, after, timedelta())]):
                return 1
        return 0

    def _drain(
        self, webhook: Webhook, health: Health, now: datetime, has_time: Callable[[], bool]
    ) -> int:
        circuit = health.circuit
        if not isinstance(circuit, Draining):
            return self._release_waiting(webhook, None, has_time)
        allowance, interval = drain_allowance(circuit, now), drain_interval(circuit, now)
        return self._release_waiting(webhook, allowance, has_time, interval)

    def _stop_unless_something_waits(self, health: Health, after: Health | None) -> None:
        if after is None:
            return
        page = self._waiting.due.on_webhook(health.tenant, health.webhook_id, 1)
        if page.keys or page.after is not None:
            return
        # Losing the race is fine: somebody lets a delivery wait again.
        self._health.replace(health, after)


def _due(delivery: Delivery, now: datetime) -> bool:
    waiting = delivery.waiting
    return isinstance(waiting, OnItsWebhook) and waiting.due_at <= now


def _minute(now: datetime) -> int:
    return int(now.timestamp() // 60)


def _spread(health: Health) -> int:
    return crc32(health.webhook_id.encode())
