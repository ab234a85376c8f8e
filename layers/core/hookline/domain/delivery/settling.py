"""What a delivery becomes after an attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookline.domain.delivery.backoff import retry_after, wait_after, wait_asked
from hookline.domain.delivery.changing import TIME_WAS_UP, end, planned_for
from hookline.domain.delivery.delivery import (
    Attempt,
    Delivery,
    OnItsWebhook,
    OnTheClock,
    ResponseRecord,
    Status,
    WaitingFor,
)
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Circuit, Open
from hookline.domain.webhook.webhook import RetryPolicy

_MAY_ASK_FOR_TIME = frozenset({429, 502, 503, 504})
_GONE = 410


@dataclass(frozen=True, slots=True)
class Delivered:
    """A 2xx: delivered."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A 410: the endpoint asks never to be called again."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Anything else. ``asked`` is the wait that the endpoint asks for, if any."""

    asked: timedelta | None = None


Verdict = Delivered | Gone | NotYet


def judge(response: ResponseRecord | None, now: datetime) -> Verdict:
    """The verdict on a response: only a 2xx is success, redirects are failures, never followed."""
    if response is None:
        return NotYet()
    if 200 <= response.status < 300:
        return Delivered()
    if response.status == _GONE:
        return Gone()
    if response.status not in _MAY_ASK_FOR_TIME:
        return NotYet()
    headers = (value for name, value in response.headers if name.lower() == "retry-after")
    return NotYet(next((retry_after(value, now) for value in headers), None))


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides when the next attempt is made, and by what.

    ``jitter`` is drawn from [0, 1). ``timer`` is the id of the message at hand, if it can be hidden
    until then. ``admits`` says whether the retry queue has room for such a wait.
    """

    policy: RetryPolicy
    circuit: Circuit
    jitter: float
    timer: str | None
    admits: Callable[[timedelta], bool]


@dataclass(frozen=True, slots=True)
class Settled:
    """The delivery after an attempt, and what follows.

    ``dead_letter_reason``: why to dead-letter it, before ``after`` is stored. ``wait``: the delay
    of the retry queue's message for the next attempt, sent after ``after`` is stored.
    """

    after: Delivery
    dead_letter_reason: str | None = None
    wait: timedelta | None = None


def settle(
    delivery: Delivery, attempt: Attempt, verdict: Verdict, plan: Plan, now: datetime
) -> Settled:
    """The delivery after an attempt that ended at ``now``.

    The ``attempt`` gets its number and the time of the next one here.
    """
    made = replace(delivery, sequence=delivery.sequence + 1)
    match verdict:
        case Delivered():
            return Settled(_recorded(end(made, Status.SUCCESS, now), attempt))
        case Gone():
            reason = "the endpoint is gone: it answered 410"
            return Settled(_recorded(end(made, Status.FAILED, now, reason), attempt))
        case NotYet(asked):
            reason_to_stop = _exhausted(made, plan.policy, now)
            if reason_to_stop is not None:
                failed = end(made, Status.FAILED, now, reason_to_stop)
                return Settled(_recorded(failed, attempt), dead_letter_reason=reason_to_stop)
            own = wait_after(plan.policy, made.sequence, plan.jitter)
            # At its maximum age at the latest: whoever takes it up then fails it.
            wait = min(wait_asked(plan.policy, own, asked), made.expires_at - now)
            spaced_by: WaitingFor | None = (
                "retry_after" if asked is not None and asked > own else None
            )
            after = replace(made, trigger="schedule", spaced_by=spaced_by)
            return _wait(after, attempt, plan, wait, now)


def record_late(
    current: Delivery, attempt: Attempt, verdict: Verdict, generation: int, now: datetime
) -> Delivery:
    """Records an attempt of ``generation`` in a delivery that went on without it.

    It schedules and ends nothing, with one exception: a success within the generation that is still
    open makes the delivery a success.
    """
    still_open = generation == current.generation and not current.status.ended
    if isinstance(verdict, Delivered) and still_open:
        return _recorded(end(current, Status.SUCCESS, now), attempt)
    return _recorded(current, attempt)


def _exhausted(delivery: Delivery, policy: RetryPolicy, now: datetime) -> str | None:
    if delivery.last_shot:
        return "its one further attempt failed"
    if policy.max_attempts is not None and delivery.sequence >= policy.max_attempts:
        most = policy.max_attempts
        return "its only attempt failed" if most == 1 else f"all of its {most} attempts failed"
    if now >= delivery.expires_at:
        return TIME_WAS_UP
    return None


def _wait(
    delivery: Delivery, attempt: Attempt, plan: Plan, wait: timedelta, now: datetime
) -> Settled:
    due = now + wait
    waits = replace(delivery, status=Status.RETRYING, next_attempt_at=due, timer=None)
    if isinstance(plan.circuit, Open):
        shown = max(due, plan.circuit.next_probe_at)
        held = replace(waits, waiting=OnItsWebhook(due), next_attempt_at=shown)
        return Settled(_recorded(held, attempt))
    if not plan.admits(wait):
        return Settled(_recorded(replace(waits, waiting=OnTheClock(due)), attempt))
    timed = replace(waits, waiting=OnTheClock(due + LEASE), timer=plan.timer)
    return Settled(_recorded(timed, attempt), wait=wait)


def _recorded(delivery: Delivery, attempt: Attempt) -> Delivery:
    number = delivery.attempt_count + 1
    numbered = replace(attempt, number=number, next_attempt_at=planned_for(delivery))
    return replace(delivery, attempt_count=number, last_attempt=numbered)
