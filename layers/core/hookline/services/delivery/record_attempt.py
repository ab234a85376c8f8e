"""Writes what an attempt makes of its delivery, whatever others made of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hookline.domain.delivery.changing import task_of
from hookline.domain.delivery.deciding import Make, delivery_asked_for
from hookline.domain.delivery.delivery import Delivery, Status
from hookline.domain.delivery.settling import Plan, Settled, record_late, settle
from hookline.domain.net.traceparent import trace_id
from hookline.domain.webhook.health import Circuit
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
        plan = self._plan(message, make, made, circuit)
        trace = trace_id(make.event.traceparent)
        current: Delivery | None = stored
        asked_for: Delivery | None = make.delivery
        for _ in range(_TRIES):
            if current is None:
                return Handled(message, "gone", Acknowledge(), attempt=made.attempt, trace_id=trace)
            settled = self._settle(asked_for, current, make, made, plan)
            result = self._changes.replace(current, settled.after)
            if isinstance(result, Replaced):
                outcome = "late" if asked_for is None else str(settled.after.status)
                return _handled(message, settled, outcome, trace)
            current = result.current
            asked_for = None if current is None else _still_asked_for(message, make, current)
        raise Unavailable("the delivery keeps changing")

    def _settle(
        self, asked_for: Delivery | None, current: Delivery, make: Make, made: Made, plan: Plan
    ) -> Settled:
        attempt, verdict, now = made.attempt, made.verdict, made.ended_at
        if asked_for is None:
            return Settled(record_late(current, attempt, verdict, make.delivery.generation, now))
        settled = settle(asked_for, attempt, verdict, plan, now)
        if settled.after.status is Status.FAILED:
            self._give_up(settled.after, settled.dead_letter_reason)
        return settled

    def _plan(self, message: Received, make: Make, made: Made, circuit: Circuit) -> Plan:
        # Asked once: settling again must not take a second place in the budget.
        admitted: dict[timedelta, bool] = {}

        def admits(wait: timedelta) -> bool:
            if wait not in admitted:
                admitted[wait] = self._budget.admits(make.webhook.id, wait, made.ended_at)
            return admitted[wait]

        # A message that was let pass by a rate limit would look so for ever: it is not kept.
        keeps = message.hideable and not message.task.admitted
        return Plan(
            policy=make.webhook.retry,
            circuit=circuit,
            jitter=self._jitter(),
            timer=message.id if keeps else None,
            admits=admits,
        )


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


def _still_asked_for(message: Received, make: Make, current: Delivery) -> Delivery | None:
    """What stands now, if the attempt made is still the one it waits for."""
    made = make.delivery
    asked_for = delivery_asked_for(message.task, message.id, current)
    if asked_for is None or (asked_for.generation, asked_for.sequence) != (
        made.generation,
        made.sequence,
    ):
        return None
    return asked_for
