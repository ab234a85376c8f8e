"""Tells the queues what came of messages: each as it is done, as many in a call as are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.sending import RetryTimers
from hookline.services.delivery.delivery_messages import (
    Acknowledge,
    Handled,
    HideUntil,
    Inbox,
    LeaveIt,
    SendInstead,
    Then,
)


class Timing:
    """Hides and sends what comes back, deletes what this invocation has received by itself."""

    def __init__(self, timers: RetryTimers, inbox: Inbox, clock: Clock) -> None:
        self._timers = timers
        self._inbox = inbox
        self._clock = clock

    def needed(self, one: Handled) -> bool:
        """Whether a queue is to be told of it."""
        match one.then:
            case Acknowledge():
                return one.message.pulled
            case LeaveIt():
                return False
            case _:
                return True

    def __call__(self, handled: Sequence[Handled]) -> Sequence[Handled]:
        """The same, acknowledged where another message has taken over."""
        told = self._sent(handled)
        self._hide(told)
        done = [
            one.message.receipt
            for one in told
            if one.message.pulled and isinstance(one.then, Acknowledge)
        ]
        if done:
            with suppress(Unavailable):  # those left come back, and are out of date then
                self._inbox.delete(done)
        return told

    def _hide(self, handled: Sequence[Handled]) -> None:
        now = self._clock()
        hides = [
            (one.message.receipt, max(one.then.due - now, timedelta()))
            for one in handled
            if isinstance(one.then, HideUntil)
        ]
        if hides:
            with suppress(Unavailable):  # those left come back early, and are hidden then
                self._timers.extend(hides)

    def _sent(self, handled: Sequence[Handled]) -> Sequence[Handled]:
        now = self._clock()
        sends = [
            (one.then.task, max(one.then.due - now, timedelta()))
            for one in handled
            if isinstance(one.then, SendInstead)
        ]
        then: Then = Acknowledge()
        why = None
        try:
            if sends:
                self._timers.send(sends)
        except Unavailable as error:
            then, why = LeaveIt(), str(error)
        return [
            replace(one, then=then, detail=why or one.detail)
            if isinstance(one.then, SendInstead)
            else one
            for one in handled
        ]
