"""Writes what an attempt makes of its delivery, whatever others made of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from hookline.domain.delivery.changing import asks_after, task_of
from hookline.domain.delivery.deciding import Make, Snapshot, delivery_asked_for
from hookline.domain.delivery.delivery import Delivery, OnTheClock, Status
from hookline.domain.delivery.settling import Plan, Settled, record_late, settle
from hookline.domain.net.header_rules import trace_id
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.health import Circuit
from hookline.domain.webhook.webhook import RetryPolicy
from hookline.errors import Unavailable
from hookline.ports.deliveries import DeliveryChanges, Replaced
from hookline.services.delivery.delivery_messages import (
    Acknowledge,
    Handled,
    HideUntil,
    Received,
    SendInstead,
    Then,
)
from hookline.services.delivery.give_up import GiveUp
from hookline.services.delivery.make_attempt import Made
from hookline.services.delivery.retry_budget import RetryBudget

_TRIES = 8
"""A delivery changes a few times a minute at most: whoever loses so often races a fault."""


class RecordAttempt:
    """Puts the attempt's outcome, and says how the next one is timed.

    Whoever loses the compare and set settles again on what stands. If that still waits for this
    very attempt (only its watch moved), the outcome counts; if not, it is recorded and no more.
    """

    def __init__(
        self,
        *,
        changes: DeliveryChanges,
        give_up: GiveUp,
        budget: RetryBudget,
        jitter: Callable[[], float],
    ) -> None:
        self._changes = changes
        self._give_up = give_up
        self._budget = budget
        self._jitter = jitter

    def __call__(
        self, message: Received, make: Make, stored: Delivery, made: Made, circuit: Circuit
    ) -> Handled:
        """``stored`` is what stood before the call. Raises Unavailable."""
        plan = self._plan(message, make.webhook.retry, make.delivery, made, circuit)
        turn = _Turn(message, make.delivery, made, plan, trace_id(make.event.traceparent))
        return self._put(turn, stored, make.delivery)

    def afterwards(self, message: Received, snapshot: Snapshot, made: Made) -> Handled:
        """The same for an attempt that could not be written then. Raises Unavailable."""
        current, webhook, event = snapshot.delivery, snapshot.webhook, snapshot.event
        if current is None:
            return Handled(message, "gone", Acknowledge(), attempt=made.attempt)
        if _is_written(made, current):
            return _already(message, current)
        asked_for = delivery_asked_for(message.task, message.id, current)
        # Where its turn is over, what counts of it is the generation that it was made in.
        of = asked_for or replace(current, generation=message.task.generation)
        policy = RetryPolicy() if webhook is None else webhook.retry
        plan = self._plan(message, policy, of, made, snapshot.health.circuit)
        trace = None if event is None else trace_id(event.traceparent)
        return self._put(_Turn(message, of, made, plan, trace), current, asked_for)

    def _put(self, turn: _Turn, stored: Delivery, asked_for: Delivery | None) -> Handled:
        message, attempt = turn.message, turn.made.attempt
        current: Delivery | None = stored
        for _ in range(_TRIES):
            if current is None:
                return Handled(message, "gone", Acknowledge(), attempt=attempt, trace_id=turn.trace)
            settled = self._settle(turn, asked_for, current)
            result = self._changes.replace(current, settled.after)
            if isinstance(result, Replaced):
                outcome = "late" if asked_for is None else str(settled.after.status)
                return _handled(message, settled, outcome, turn.trace)
            current = result.current
            asked_for = None if current is None else _still_asked_for(turn, current)
        raise Unavailable("the delivery keeps changing")

    def _settle(self, turn: _Turn, asked_for: Delivery | None, current: Delivery) -> Settled:
        attempt, verdict, now = turn.made.attempt, turn.made.verdict, turn.made.ended_at
        if asked_for is None:
            return Settled(record_late(current, attempt, verdict, turn.of.generation, now))
        settled = settle(asked_for, attempt, verdict, turn.plan, now)
        if settled.after.status is Status.FAILED:
            self._give_up(settled.after, settled.dead_letter_reason)
        return settled

    def _plan(
        self, message: Received, policy: RetryPolicy, of: Delivery, made: Made, circuit: Circuit
    ) -> Plan:
        # Asked once: settling again must not take a second place in the budget.
        admitted: dict[timedelta, bool] = {}

        def admits(wait: timedelta) -> bool:
            if wait not in admitted:
                webhook_id = of.key.webhook_id
                admitted[wait] = self._budget.admits(webhook_id, wait, made.ended_at)
            return admitted[wait]

        # Neither a message that was let pass by a rate limit is kept, nor one that brings an
        # attempt: it would look so for ever.
        keeps = message.hideable and not message.task.admitted and message.task.made is None
        return Plan(
            policy=policy,
            circuit=circuit,
            jitter=self._jitter(),
            timer=message.id if keeps else None,
            admits=admits,
        )


@dataclass(frozen=True, slots=True)
class _Turn:
    """An attempt made for ``message``, in the generation and sequence that ``of`` has."""

    message: Received
    of: Delivery
    made: Made
    plan: Plan
    trace: str | None


def _handled(message: Received, settled: Settled, outcome: str, trace: str | None) -> Handled:
    after = settled.after
    then: Then = Acknowledge()
    if settled.wait is not None and after.next_attempt_at is not None:
        due = after.next_attempt_at
        hides = after.timer == message.id
        then = HideUntil(due) if hides else SendInstead(task_of(after), due)
    return Handled(
        message,
        outcome,
        then,
        after.failure_reason,
        after,
        after.last_attempt,
        trace_id=trace,
    )


def _still_asked_for(turn: _Turn, current: Delivery) -> Delivery | None:
    """What stands now, if the attempt made is still the one it waits for."""
    asked_for = delivery_asked_for(turn.message.task, turn.message.id, current)
    if asked_for is None:
        return None
    same = (asked_for.generation, asked_for.sequence) == (turn.of.generation, turn.of.sequence)
    return asked_for if same else None


def _is_written(made: Made, current: Delivery) -> bool:
    """Whether it was written, and only the reply got lost."""
    last = current.last_attempt
    began = floor_to_millis(made.attempt.started_at)
    return last is not None and floor_to_millis(last.started_at) == began


def _already(message: Received, current: Delivery) -> Handled:
    """As it was written; the next attempt, if one is to be asked for, is asked for now."""
    due, waits = current.next_attempt_at, isinstance(current.waiting, OnTheClock)
    then: Then = Acknowledge()
    if due is not None and waits and current.timer is None and asks_after(current):
        then = SendInstead(task_of(current), due)
    return Handled(message, "written", then, None, current)
