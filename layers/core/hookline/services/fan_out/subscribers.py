"""Which webhooks may want an event: subscriptions, cached by the version of their tenant."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import merge
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING

from hookline.domain.event.event import Event
from hookline.domain.event.patterns import patterns_for
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.sandbox.allowance import Allowance
from hookline.domain.webhook.webhook import Subscription
from hookline.ports import Clock

if TYPE_CHECKING:
    from hookline.domain.webhook.webhook import SubscriptionPage
    from hookline.ports.webhooks import Subscriptions

PAGE = 500
"""Subscriptions read at once: some 64 KB, 16 read units."""

MOST_KEPT = 100_000
"""Subscriptions kept in memory, of all tenants: some 75 MB. A filter counts by its size."""

_LONGEST_KEPT = timedelta(minutes=10)
"""They are read again after this time: an edit by hand changes no version."""

_A_READ, _AN_ITEM = 500, 20
"""What a query and each item of it cost, in steps."""

_by_webhook = attrgetter("webhook_id")
type _Place = tuple[TenantId, str]


class Subscribers:
    """The subscriptions that a process keeps; call `refresh` for each batch of events.

    A subscription saved before its event was published is always found: the version is read
    consistently and changes in the subscription's transaction, and what was read under a version is
    at least as new. ``hasty`` uses a client without retries: a throttled tenant must not delay the
    others. ``unreadable`` counts subscriptions that were skipped.
    """

    def __init__(self, patient: Subscriptions, hasty: Subscriptions, clock: Clock) -> None:
        self._patient = patient
        self._hasty = hasty
        self._subscriptions = patient
        self._clock = clock
        self._kept: OrderedDict[_Place, _Kept] = OrderedDict()
        self._versions: Mapping[TenantId, str] = {}
        self._batches = count()
        self.unreadable = 0

    def refresh(
        self, tenants: Collection[TenantId], *, in_haste: bool = False
    ) -> Collection[TenantId]:
        """Returns the tenants whose version cannot be read. Raises Unavailable if none can."""
        self._subscriptions = self._hasty if in_haste else self._patient
        found = self._subscriptions.versions(tenants)
        # Before the first edit under a version nothing shows edits: valid for this batch only.
        unknown = f"batch {next(self._batches)}"
        self._versions = {
            tenant: unknown if version is None else f"version {version}"
            for tenant, version in found.items()
        }
        return set(tenants) - found.keys()

    def hearing(
        self, event: Event, after: WebhookId | None, allowance: Allowance
    ) -> Iterator[Subscription]:
        """Each webhook after ``after`` whose types, projects or entities list the event, by id.

        One that subscribes by several patterns comes once (reference row IZ-2). What is not in
        memory is read page by page and paid for. Raises Unavailable and Exhausted.
        """
        streams = [
            self._under(event, pattern, after, allowance) for pattern in patterns_for(event.type)
        ]
        last: WebhookId | None = None
        for subscription in merge(*streams, key=_by_webhook):
            if subscription.webhook_id != last:
                last = subscription.webhook_id
                yield subscription

    def _under(
        self, event: Event, pattern: str, after: WebhookId | None, allowance: Allowance
    ) -> Iterator[Subscription]:
        kept = self._fresh((event.tenant, pattern))
        yield from kept.hearing(event, after)
        reached = kept.reached
        while not kept.whole:
            if after is not None and (reached is None or after > reached):
                reached = after  # what comes before was asked for by another process
            page = self._page(event.tenant, pattern, reached, allowance)
            if kept.reached == reached and self._has_room(kept, page):
                kept.add(page)
            yield from page.subscriptions
            reached = page.after
            if reached is None:
                return

    def _page(
        self, tenant: TenantId, pattern: str, after: WebhookId | None, allowance: Allowance
    ) -> SubscriptionPage:
        allowance.pay(_A_READ)
        page = self._subscriptions.page(tenant, pattern, PAGE, after)
        self.unreadable += page.unreadable
        # Paid for after reading: what was read stays, even if nothing is left to spend.
        allowance.left = max(0, allowance.left - _AN_ITEM * len(page.subscriptions))
        return page

    def _fresh(self, place: _Place) -> _Kept:
        """What is kept under the tenant's version, or a new place for it."""
        version, now = self._versions[place[0]], self._clock()
        kept = self._kept.get(place)
        if kept is None or kept.version != version or now - kept.since > _LONGEST_KEPT:
            kept = self._kept[place] = _Kept(version, now)
        self._kept.move_to_end(place)
        return kept

    def _has_room(self, kept: _Kept, page: SubscriptionPage) -> bool:
        """Whether the page fits, after dropping those not used for longest."""
        size = sum(map(_size, page.subscriptions))
        while sum(each.size for each in self._kept.values()) + size > MOST_KEPT:
            place, oldest = next(iter(self._kept.items()))
            if oldest is kept:
                return False
            del self._kept[place]
        return True


class _Kept:
    """The subscriptions under one pattern, as far as they were read."""

    def __init__(self, version: str, since: datetime) -> None:
        self.version = version
        self.since = since
        self.size = 1
        self.whole = False
        self.reached: WebhookId | None = None
        self._everywhere: list[Subscription] = []
        self._by_project: defaultdict[str, list[Subscription]] = defaultdict(list)
        self._by_entity: defaultdict[str, list[Subscription]] = defaultdict(list)

    def add(self, page: SubscriptionPage) -> None:
        """Pages come in the order of their webhooks, so each list is in that order."""
        for subscription in page.subscriptions:
            scope = subscription.scope
            if scope.is_global:
                self._everywhere.append(subscription)
            for project in scope.projects:
                self._by_project[project].append(subscription)
            for entity in scope.entities:
                self._by_entity[entity].append(subscription)
            self.size += _size(subscription)
        self.reached = page.after
        self.whole = page.after is None

    def hearing(self, event: Event, after: WebhookId | None) -> Iterator[Subscription]:
        """Those whose scope may list the event; one that lists it twice comes twice in a row."""
        feature_id = event.feature.get("id") if event.feature else None
        entities = {event.entity_id, feature_id if isinstance(feature_id, str) else None}
        lists = [
            self._everywhere,
            self._by_project.get(event.project or "", []),
            *(self._by_entity.get(entity, []) for entity in entities if entity is not None),
        ]
        return merge(*(_behind(after, each) for each in lists), key=_by_webhook)


def _behind(after: WebhookId | None, ordered: list[Subscription]) -> Iterator[Subscription]:
    first = 0 if after is None else bisect_right(ordered, after, key=_by_webhook)
    return (ordered[place] for place in range(first, len(ordered)))


def _size(subscription: Subscription) -> int:
    texts = subscription.filter, subscription.context, subscription.user
    return 1 + sum(len(str(text)) for text in texts if text is not None) // 200
