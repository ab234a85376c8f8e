"""Handles one message of the delivery or retry queue."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from hookline.domain.delivery.changing import (
    RIDES_EVERY,
    claim,
    hold,
    may_have_copies,
    postpone,
    unclaim,
)
from hookline.domain.delivery.deciding import (
    End,
    Hide,
    Hold,
    Ignore,
    Make,
    PutBack,
    Snapshot,
    decide,
)
from hookline.domain.delivery.delivery import Delivery, DeliveryKey, Status
from hookline.domain.delivery.settling import Delivered, Gone
from hookline.domain.delivery.tasks import task_of
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.deliveries import DeliveryChanges, Replaced
from hookline.ports.sending import DeadLetters, RateLimits
from hookline.services.delivery.attempt import Made, MakeAttempt, RecordAttempt
from hookline.services.delivery.give_up import GiveUp
from hookline.services.delivery.messages import (
    Acknowledge,
    Handled,
    HideUntil,
    Received,
    SendInstead,
    Then,
)
from hookline.services.webhook.health import Seen, WebhookWatch
from hookline.services.webhook.switch_off import SwitchOff

_TRIES = 8

_RIDES_FIRST = timedelta(seconds=2)

SLOT_HORIZON = timedelta(minutes=1)
"""How far ahead rate-limited attempts book their slots. A delivery that gets none waits on its
webhook for the scheduler, which runs once a minute."""

_SLOT_KEPT = timedelta(seconds=5)
"""How late a slot may be used. Later attempts book a new one: after a time without senders many are
late at once, and together would break the limit."""


@dataclass(frozen=True, slots=True)
class Work:
    """A message, what was read for its batch, and what the batch has learnt since.

    ``began_at``: when it was read; a message that waits longer waits for earlier calls.
    ``wire``: the webhook's calls under way, with their start. ``diverts``: whether first attempts
    are to go to the retry queue now. ``has_time``: whether a call of this timeout may start.
    """

    message: Received
    snapshot: Snapshot
    began_at: datetime
    watch: WebhookWatch
    wire: MutableMapping[DeliveryKey, datetime]
    diverts: Callable[[datetime], bool]
    has_time: Callable[[timedelta], bool]


class DeliverOne:
    """Carries out what `hookline.domain.delivery` decides. Safe to share between threads.

    The order of writes makes crashes harmless: what must not get lost is sent before the delivery
    records that it was; what depends on the delivery's change comes after that.
    """

    def __init__(
        self,
        *,
        changes: DeliveryChanges,
        make_attempt: MakeAttempt,
        record: RecordAttempt,
        dead_letters: DeadLetters,
        give_up: GiveUp,
        switch_off: SwitchOff,
        rate_limits: RateLimits,
        clock: Clock,
    ) -> None:
        self._changes = changes
        self._make_attempt = make_attempt
        self._record = record
        self._dead_letters = dead_letters
        self._give_up = give_up
        self._switch_off = switch_off
        self._rate_limits = rate_limits
        self._clock = clock

    def __call__(self, work: Work) -> Handled:
        """The result. Raises Unavailable."""
        message, delivery = work.message, work.snapshot.delivery
        if message.task.made is not None:
            return self._write_down(work, Made.earlier(message.task.made))
        for _ in range(_TRIES):
            now = self._clock()
            snapshot = replace(work.snapshot, delivery=delivery, health=work.watch.health)
            decision = decide(message.task, message.id, snapshot, now)
            if delivery is None or isinstance(decision, Ignore):
                detail = decision.reason if isinstance(decision, Ignore) else None
                return Handled(message, "ignored", Acknowledge(), detail, delivery)
            match decision:
                case Hide(wait):
                    return self._come_back(message, delivery, now + wait, "early")
                case PutBack(reason):
                    self._dead_letters.send(message.task, reason)
                    return Handled(message, "put_back", Acknowledge(), reason, delivery)
                case Make():
                    return self._attempt(work, decision, delivery)
            self._before(decision, work.watch, now)
            after = decision.after
            result = self._changes.replace(delivery, after)
            if isinstance(result, Replaced):
                outcome = "held" if isinstance(decision, Hold) else str(after.status)
                return Handled(message, outcome, Acknowledge(), after.failure_reason, after)
            delivery = result.current
        raise Unavailable("the delivery keeps changing")

    def _before(self, decision: Hold | End, watch: WebhookWatch, now: datetime) -> None:
        if isinstance(decision, Hold):
            watch.mark_waiting(now)
        elif decision.after.status is Status.FAILED:
            self._give_up(decision.after, decision.dead_letter_reason)

    def _attempt(self, work: Work, make: Make, stored: Delivery) -> Handled:
        message, delivery, webhook = work.message, make.delivery, make.webhook
        if not work.has_time(webhook.timeout):
            return self._come_back(message, stored, self._clock(), "out_of_time")
        if not message.may_hide and work.diverts(self._clock()):
            return self._come_back(message, stored, self._clock(), "diverted")
        if webhook.rate_limit_per_second is not None and not _admitted(work, delivery):
            waits = self._wait_for_slot(work, make, stored, webhook.rate_limit_per_second)
            if waits is not None:
                return waits
        now = self._clock()
        if may_have_copies(delivery, now) and not message.task.redriven:
            # Several senders may have read this delivery: the compare and set lets one go on.
            claimed = claim(delivery, message.id, now)
            if not isinstance(self._changes.replace(stored, claimed), Replaced):
                return Handled(message, "ignored", Acknowledge(), "another was faster", stored)
            make, delivery, stored = replace(make, delivery=claimed), claimed, claimed
        try:
            made = self._make_attempt(delivery, webhook, make.event, partial(self._calls, work))
        finally:
            work.wire.pop(delivery.key, None)
        work.watch.saw(_seen(delivery, made))
        try:
            self._tell_gone(work, made)
            return self._record(message, make, stored, made, work.watch.health.circuit)
        except Exception as error:  # noqa: BLE001 - whatever failed, the call was made
            return _ride(message, delivery, made, error, self._clock())

    def _calls(self, work: Work) -> None:
        work.wire[work.message.task.key] = self._clock()

    def _write_down(self, work: Work, made: Made) -> Handled:
        """Writes an attempt that another invocation made and could not write."""
        message, snapshot = work.message, replace(work.snapshot, health=work.watch.health)
        try:
            self._tell_gone(work, made)
            return self._record.afterwards(message, snapshot, made)
        except Unavailable as error:
            due = self._clock() + RIDES_EVERY
            return Handled(message, "unwritten", SendInstead(message.task, due), str(error))

    def _tell_gone(self, work: Work, made: Made) -> None:
        webhook = work.snapshot.webhook
        if isinstance(made.verdict, Gone) and webhook is not None:
            called = made.attempt.webhook_version
            self._switch_off(webhook, called, "the endpoint answered 410 Gone", made.ended_at)
            work.watch.changed = True

    def _wait_for_slot(
        self, work: Work, make: Make, stored: Delivery, per_second: float
    ) -> Handled | None:
        """None when the attempt may be made at once: a slot is booked, and its time has come."""
        now = self._clock()
        slots = self._rate_limits.book(
            make.webhook.tenant,
            make.webhook.id,
            wanted=1,
            per_second=per_second,
            now=now,
            horizon=SLOT_HORIZON,
        )
        if slots.count and slots.first <= now:
            return None
        then: Then = Acknowledge()
        if slots.count:
            after = postpone(make.delivery, slots.first)
            # Earlier by as much as this message was late: if all are late so, it will be on time.
            due = slots.first - _missed_by(work, make.delivery)
            then = SendInstead(task_of(after, admitted=True), due)
        else:
            work.watch.mark_waiting(now)
            after = hold(make.delivery, work.watch.health.circuit)
        if not isinstance(self._changes.replace(stored, after), Replaced):
            # Whoever changed the delivery has scheduled its next attempt, if there is one.
            then = Acknowledge()
        return Handled(work.message, "rate_limited", then, None, after)

    def _come_back(
        self, message: Received, delivery: Delivery, due: datetime, outcome: str
    ) -> Handled:
        if message.hideable:
            return Handled(message, outcome, HideUntil(due), delivery=delivery)
        # A redriven dead letter stays one until its attempt starts the new generation.
        task = message.task if message.task.redriven else task_of(delivery)
        then: Then = SendInstead(task, due)
        if delivery.timer is not None and not message.task.redriven:
            # The delivery waits for this message, which is replaced: the claim has to go first.
            after = unclaim(delivery)
            if not isinstance(self._changes.replace(delivery, after), Replaced):
                then = Acknowledge()
            delivery = after
        return Handled(message, outcome, then, delivery=delivery)


def _ride(
    message: Received, delivery: Delivery, made: Made, error: Exception, now: datetime
) -> Handled:
    """Puts the attempt into its message until it can be written: no call is made a second time."""
    task = message.task if message.task.redriven else task_of(delivery)
    broken = None if isinstance(error, Unavailable) else error
    then = SendInstead(replace(task, made=made.attempt), now + _RIDES_FIRST)
    return Handled(message, "unwritten", then, str(error), delivery, error=broken)


def _seen(delivery: Delivery, made: Made) -> Seen:
    succeeded = isinstance(made.verdict, Delivered)
    return Seen(delivery.key.id, succeeded, made.attempt.started_at, made.ended_at)


def _admitted(work: Work, delivery: Delivery) -> bool:
    return _has_slot(work, delivery) and _missed_by(work, delivery) < _SLOT_KEPT


def _missed_by(work: Work, delivery: Delivery) -> timedelta:
    """How late the message is for the slot that was booked for it."""
    slot = delivery.next_attempt_at
    if slot is None or not _has_slot(work, delivery):
        return timedelta()
    return max(work.began_at - slot, timedelta())


def _has_slot(work: Work, delivery: Delivery) -> bool:
    """A slot is for one attempt: a message hidden for the next attempt has used its slot."""
    return work.message.task.admitted and work.message.task.sequence == delivery.sequence
