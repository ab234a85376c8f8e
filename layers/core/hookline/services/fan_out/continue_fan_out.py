"""Continues a large fan-out: its matching, step by step, each for a bounded time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hookline.domain.delivery.tasks import task_of
from hookline.domain.event.event import Event
from hookline.domain.fan_out.fan_out import FanOut, FanOutTask, Stretch, claim_of, delivery_of
from hookline.domain.ids import EventId
from hookline.domain.sandbox.allowance import Allowance
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.events import Bookmark
from hookline.services.fan_out.filter_failures import FilterFailures
from hookline.services.fan_out.match_event import MatchEvent
from hookline.services.fan_out.subscribers import Subscribers

if TYPE_CHECKING:
    from hookline.ports.deliveries import Deliveries, NewDeliveries
    from hookline.ports.events import Bookmarks, Events, FanOuts, FanOutSteps
    from hookline.ports.sending import DeadLetters, FirstAttempts

MOST_STEPS = 100_000_000
"""Steps that matching one event may take: 100 s of a whole processor, six minutes of the function.
To read a million webhooks takes 21 of these millions, and leaves 79 for each one's filter."""

_STEPS_AT_ONCE = 500_000
"""Steps between two looks at the clock, and two moves of the record: two seconds of the
function. More than any filter, page or activation takes by itself, so that each step makes
progress."""

_AT_ONCE = timedelta(seconds=15)
"""How long one message is worked on, before those of other tenants have their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueStores:
    """What it reads and writes."""

    events: Events
    fan_outs: FanOuts
    new_deliveries: NewDeliveries
    deliveries: Deliveries
    bookmarks: Bookmarks


@dataclass(frozen=True, slots=True)
class Continued:
    """How many more webhooks were matched, and subscriptions passed over.

    ``created`` counts deliveries of the record's own chunk that had been left. ``stopped`` says why
    matching was set aside, if it was.
    """

    matched: int = 0
    created: int = 0
    passed_over: int = 0
    stopped: str | None = None


class ContinueFanOut:
    """Each step writes the next chunk, moves the record and asks for the chunk's deliveries.

    After a crash between these the next message goes on from the record: an existing chunk is taken
    as it is. Two runs at once do no harm: the record moves for only one of them.
    """

    def __init__(
        self,
        *,
        stores: ContinueStores,
        subscribers: Subscribers,
        failures: FilterFailures,
        match: MatchEvent,
        first_attempts: FirstAttempts,
        steps: FanOutSteps,
        dead_letters: DeadLetters,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._subscribers = subscribers
        self._failures = failures
        self._match = match
        self._first_attempts = first_attempts
        self._steps = steps
        self._dead_letters = dead_letters
        self._clock = clock

    def __call__(self, task: FanOutTask, run: str, has_time: Callable[[], bool]) -> Continued:
        """``run`` names this run and no other. Raises Unavailable."""
        event = self._stores.events.get(task.tenant, task.event_id)
        fan_out = self._stores.fan_outs.get(task.tenant, task.accepted_at, task.event_id)
        if event is None:  # expired
            return Continued()
        if fan_out is None or fan_out.stopped is not None:
            # The sweep may have passed it already.
            self._stores.bookmarks.rewind(task.tenant, Bookmark(task.accepted_at, EventId("")))
        if fan_out is None:
            fan_out = claim_of(event, Stretch((), None, finished=False), run, self._clock())
            if not self._stores.fan_outs.claim(fan_out):
                return Continued()
        created = self._own_chunk(fan_out) if task.claim == fan_out.claim else 0
        end = self._clock() + _AT_ONCE
        done = self._matching(event, fan_out, task, lambda: has_time() and self._clock() < end)
        self._failures.tell()
        return replace(done, created=created)

    def _matching(
        self, event: Event, fan_out: FanOut, task: FanOutTask, has_time: Callable[[], bool]
    ) -> Continued:
        if not fan_out.open or (fan_out.stopped is not None and task.granted < 2):
            return Continued()
        if self._subscribers.refresh({event.tenant}):
            raise Unavailable("the version of the tenant's subscriptions is throttled")
        matched = passed_over = 0
        while has_time():
            left = task.granted * MOST_STEPS - fan_out.spent
            if left <= 0:
                stopped = self._set_aside(fan_out, task)
                return Continued(matched, passed_over=passed_over, stopped=stopped)
            allowance = Allowance(min(left, _STEPS_AT_ONCE))
            stretch = self._match(
                event, self._clock(), allowance, after=fan_out.reached, has_time=has_time
            )
            after = self._stores.fan_outs.extend(fan_out, stretch)
            if after is None:  # another run goes on with it
                return Continued(matched, passed_over=passed_over)
            if after.further_chunks > fan_out.further_chunks:
                self._steps.send([replace(task, chunk=after.further_chunks, claim=None)])
            matched += after.matched_count - fan_out.matched_count
            passed_over += stretch.passed_over
            fan_out = after
            if not fan_out.open:
                return Continued(matched, passed_over=passed_over)
        self._steps.send([replace(task, chunk=None, claim=None)])
        return Continued(matched, passed_over=passed_over)

    def _own_chunk(self, fan_out: FanOut) -> int:
        """Creates its missing deliveries, one by one, as others may be doing the same."""
        expected = [delivery_of(fan_out, match) for match in fan_out.matches]
        there = self._stores.deliveries.progress([delivery.key for delivery in expected])
        missing = [delivery for delivery in expected if delivery.key not in there]
        created, error = [], None
        for delivery in missing:
            try:
                if self._stores.new_deliveries.create_one(delivery):
                    created.append(task_of(delivery))
            except Unavailable as refused:
                error = refused
                break
        if created:
            self._first_attempts.send(created)
        if error is not None:
            raise error
        return len(created)

    def _set_aside(self, fan_out: FanOut, task: FanOutTask) -> str:
        """Dead-letters the fan-out; when the letter is redriven, it grants as many steps again."""
        reason = (
            f"matching took {fan_out.spent} steps up to {fan_out.reached or 'its first webhook'}:"
            " filters of its tenant are too costly for such an event"
        )
        more = replace(task, chunk=None, claim=None, granted=task.granted + 1)
        self._dead_letters.set_aside(more.message(), reason)
        self._stores.fan_outs.stop(fan_out, reason)
        return reason
