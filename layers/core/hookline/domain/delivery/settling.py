"""What the outcome of an attempt makes of its delivery."""

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
    """A 2xx: the endpoint took it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A 410: the endpoint asks never to be called again."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Anything else. ``asked`` is how long the endpoint asks to be left alone, if it does."""

    asked: timedelta | None = None


Verdict = Delivered | Gone | NotYet


def judge(response: ResponseRecord | None, now: datetime) -> Verdict:
    """What an answer means. Only a 2xx is success: redirects are failures, never followed."""
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
    """What places the next attempt.

    ``jitter`` is drawn from [0, 1). ``timer`` is the id of the message at hand if that can be
    hidden until then. ``admits`` says whether the retry queue has room for a wait so long.
    """

    policy: RetryPolicy
    circuit: Circuit
    jitter: float
    timer: str | None
    admits: Callable[[timedelta], bool]


@dataclass(frozen=True, slots=True)
class Settled:
    """The delivery after an attempt, and what belongs to it.

    ``dead_letter_reason``: why it is to be dead-lettered, before ``after`` is put. ``wait``: when a
    message of the retry queue shall ask for the next attempt, after ``after`` is put.
    """

    after: Delivery
    dead_letter_reason: str | None = None
    wait: timedelta | None = None


def settle(
    delivery: Delivery, attempt: Attempt, verdict: Verdict, plan: Plan, now: datetime
) -> Settled:
    """The delivery once an attempt of it ended at ``now``.

    ``attempt`` gets its number and the time of the next one here.
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
            # At its age at the latest: whoever comes then finds it too old, and fails it.
            wait = min(wait_asked(plan.policy, own, asked), made.expires_at - now)
            spaced_by: WaitingFor | None = (
                "retry_after" if asked is not None and asked > own else None
            )
            after = replace(made, trigger="schedule", spaced_by=spaced_by)
            return _wait(after, attempt, plan, wait, now)


def record_late(
    current: Delivery, attempt: Attempt, verdict: Verdict, generation: int, now: datetime
) -> Delivery:
    """The delivery, which went on without it, with an attempt of ``generation`` recorded.

    It schedules nothing and ends nothing, but for one thing: what the endpoint took in the very
    generation that is still open is a success.
    """
    still_open = generation == current.generation and not current.status.ended
    if isinstance(verdict, Delivered) and still_open:
        return _recorded(end(current, Status.SUCCESS, now), attempt)
    return _recorded(current, attempt)


def _exhausted(delivery: Delivery, policy: RetryPolicy, now: datetime) -> str | None:
    if delivery.last_shot:
        return "its one further attempt failed"
    if policy.max_attempts is not None and delivery.sequence >= policy.max_attempts:
        return f"all of its {policy.max_attempts} attempts failed"
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
