"""One attempt: makes the call, then writes what it means for its delivery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from hookline.domain.delivery.call import Answered, Caller, Unanswered
from hookline.domain.delivery.changing import asks_after
from hookline.domain.delivery.deciding import Make, Snapshot, delivery_asked_for
from hookline.domain.delivery.delivery import (
    Attempt,
    AttemptError,
    Delivery,
    OnTheClock,
    RequestRecord,
    Status,
)
from hookline.domain.delivery.settling import Plan, Settled, Verdict, judge, record_late, settle
from hookline.domain.delivery.tasks import task_of
from hookline.domain.event.event import Event
from hookline.domain.net.header_rules import trace_id
from hookline.domain.request.attempt_record import error_message, response_record, secret_texts
from hookline.domain.request.request import Target, Unmade, prepare
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.health import Circuit
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import RetryPolicy, Webhook
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.deliveries import DeliveryChanges, Replaced
from hookline.ports.webhooks import Vault
from hookline.services.delivery.give_up import GiveUp
from hookline.services.delivery.messages import (
    Acknowledge,
    Handled,
    HideUntil,
    Received,
    SendInstead,
    Then,
)
from hookline.services.delivery.retry_budget import RetryBudget

_TRIES = 8
"""A delivery changes a few times a minute at most: losing so often means a fault."""

_LOOKED_AT = 50
"""Attempts among which one that rode is looked for."""


@dataclass(frozen=True, slots=True)
class Made:
    """An attempt that was made, or the reason why it could not be."""

    attempt: Attempt
    verdict: Verdict
    ended_at: datetime

    @classmethod
    def earlier(cls, attempt: Attempt) -> Made:
        """One that was made before, but could not be written then."""
        return cls(attempt, judge(attempt.response, attempt.ended_at), attempt.ended_at)


class MakeAttempt:
    """Makes the call, and nothing else: no retry, no write. Safe to share between threads."""

    def __init__(self, *, vault: Vault, call: Caller, rules: Surroundings, clock: Clock) -> None:
        self._vault = vault
        self._call = call
        self._rules = rules
        self._clock = clock

    def __call__(
        self, delivery: Delivery, webhook: Webhook, event: Event, calls: Callable[[], None]
    ) -> Made:
        """``calls`` is called right before the request is sent.

        Raises Unavailable when the webhook's secrets cannot be opened: no call was made then.
        """
        secrets = self._vault.open(webhook.tenant, webhook.id, webhook.sealed_secrets)
        target = Target(webhook, secrets)
        started_at = self._clock()
        prepared = prepare(target, event, delivery, started_at, self._rules)
        calls()
        outcome = prepared.outcome if isinstance(prepared, Unmade) else self._call(prepared.call)
        ended_at = self._clock()
        hidden = secret_texts(webhook, secrets)
        attempt = _attempt(delivery, prepared.record, outcome, started_at, hidden)
        attempt = replace(attempt, webhook_version=webhook.version)
        return Made(attempt, judge(attempt.response, ended_at), ended_at)


def _attempt(
    delivery: Delivery,
    request: RequestRecord,
    outcome: Answered | Unanswered,
    started_at: datetime,
    secrets: tuple[str, ...],
) -> Attempt:
    response = error = None
    if isinstance(outcome, Answered):
        response = response_record(outcome, secrets)
    else:
        error = AttemptError(outcome.kind, error_message(outcome.message, secrets))
    return Attempt(
        number=delivery.attempt_count + 1,
        trigger=delivery.trigger,
        started_at=started_at,
        duration=outcome.duration,
        request=request,
        response=response,
        error=error,
        address=outcome.address,
        next_attempt_at=None,
    )


class Attempts(Protocol):
    """`DeliveryLog`, of which this is all that is asked for."""

    def attempts(self, delivery: Delivery, limit: int) -> Sequence[Attempt]:
        """Its last ``limit`` ones."""
        ...


class RecordAttempt:
    """Writes an attempt's outcome, and says when the next attempt is due.

    When somebody else changed the delivery meanwhile, the outcome is applied to what is stored
    now. If that still waits for this attempt, the outcome counts; if not, it is only recorded.
    """

    def __init__(
        self,
        *,
        changes: DeliveryChanges,
        log: Attempts,
        give_up: GiveUp,
        budget: RetryBudget,
        jitter: Callable[[], float],
    ) -> None:
        self._changes = changes
        self._log = log
        self._give_up = give_up
        self._budget = budget
        self._jitter = jitter

    def __call__(
        self, message: Received, make: Make, stored: Delivery, made: Made, circuit: Circuit
    ) -> Handled:
        """``stored`` is the delivery as it was before the call. Raises Unavailable."""
        plan = self._plan(message, make.webhook.retry, make.delivery, made, circuit)
        turn = _Turn(message, make.delivery, made, plan, trace_id(make.event.traceparent))
        return self._put(turn, stored, make.delivery)

    def afterwards(self, message: Received, snapshot: Snapshot, made: Made) -> Handled:
        """The same for an attempt that was made earlier, but not written. Raises Unavailable."""
        current, webhook, event = snapshot.delivery, snapshot.webhook, snapshot.event
        if current is None:
            return Handled(message, "gone", Acknowledge(), attempt=made.attempt)
        asked_for = delivery_asked_for(message.task, message.id, current)
        if _is_among([current.last_attempt], made):
            return _already(message, current)
        # The message may come again long after it led to that, and to further attempts.
        if asked_for is None and _is_among(self._log.attempts(current, _LOOKED_AT), made):
            return Handled(message, "written", Acknowledge(), None, current)
        # When the delivery no longer waits for it, only the generation it was made in counts.
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
            if current is not None and _is_among([current.last_attempt], turn.made):
                return Handled(message, "written", Acknowledge(), None, current)
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
        # Asked once: applying the outcome again must not take a second place in the budget.
        admitted: dict[timedelta, bool] = {}

        def admits(wait: timedelta) -> bool:
            if wait not in admitted:
                webhook_id = of.key.webhook_id
                admitted[wait] = self._budget.admits(webhook_id, wait, made.ended_at)
            return admitted[wait]

        # A message admitted by a rate limit, or with an unwritten attempt, cannot wait hidden: it
        # would say the same when it comes back.
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
    """An attempt made for ``message``, in the generation and sequence of ``of``."""

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
    """The delivery as it is now, if it still waits for this very attempt."""
    asked_for = delivery_asked_for(turn.message.task, turn.message.id, current)
    if asked_for is None:
        return None
    same = (asked_for.generation, asked_for.sequence) == (turn.of.generation, turn.of.sequence)
    return asked_for if same else None


def _is_among(attempts: Sequence[Attempt | None], made: Made) -> bool:
    """Whether the attempt is written: its reply got lost, or somebody else had it too."""
    began = floor_to_millis(made.attempt.started_at)
    return any(each and floor_to_millis(each.started_at) == began for each in attempts)


def _already(message: Received, current: Delivery) -> Handled:
    """For what is the last attempt already: asks for the next one, if there is to be one."""
    due, waits = current.next_attempt_at, isinstance(current.waiting, OnTheClock)
    then: Then = Acknowledge()
    if due is not None and waits and current.timer is None and asks_after(current):
        then = SendInstead(task_of(current), due)
    return Handled(message, "written", then, None, current)
