"""Endpoints that answer as a test tells them, and the account of every call they got."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.delivery.call import Answered, Call, Unanswered
from hookline.domain.delivery.delivery import DeliveryKey
from hookline.domain.ids import DeliveryId, WebhookId
from tests.builders import TENANT
from tests.engine.clock import FakeClock
from tests.engine.steps import Moment, Steps

ADDRESS = "93.184.216.34:443"


@dataclass(frozen=True, slots=True)
class Reply:
    """``status`` None: no answer until the call's time is up."""

    status: int | None
    after: timedelta = timedelta(milliseconds=50)
    headers: tuple[tuple[str, str], ...] = ()


OK = Reply(200)
BROKEN = Reply(500)
HANGS = Reply(None)

type Behaviour = Callable[[datetime], Reply]


@dataclass(slots=True)
class Taken:
    """One call as its endpoint saw it; ``status`` is what it answered, None while it does not.

    It is on the wire until it has ``ended``, in an answer or with its caller."""

    at: datetime
    attempt: int
    status: int | None = None
    ended: bool = False


def always(reply: Reply) -> Behaviour:
    return lambda _now: reply


def fine(_now: datetime) -> Reply:
    """An endpoint that takes everything at once."""
    return OK


def until(when: datetime, first: Reply, then: Reply = OK) -> Behaviour:
    """An outage that ends."""
    return lambda now: first if now < when else then


def in_turn(*replies: Reply) -> Behaviour:
    """One after the other; the last for ever."""
    left = list(replies)
    return lambda _now: left.pop(0) if len(left) > 1 else left[0]


class Endpoints:
    """`hookline.domain.delivery.call.Caller`: the host's first label names the endpoint.

    A call is a step like any call of a port: a test can let the process die before or after it.
    """

    def __init__(
        self,
        clock: FakeClock,
        steps: Steps,
        sleep: Callable[[timedelta], None],
    ) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self.calls: defaultdict[DeliveryId, list[Taken]] = defaultdict(list)
        self.on_call: Callable[[DeliveryKey], None] = lambda _key: None
        self.times: defaultdict[str, list[datetime]] = defaultdict(list)
        self._clock = clock
        self._steps = steps
        self._sleep = sleep

    def __call__(self, call: Call) -> Answered | Unanswered:
        step = self._steps.take("endpoint.call")
        self._steps.hook(step, Moment.BEFORE)
        name = call.url.host.partition(".")[0]
        now = self._clock()
        reply = self.behaviours[name](now)
        key = _key(call.headers)
        taken = Taken(now, int(call.headers["X-Hookline-Attempt"]))
        self.calls[key.id].append(taken)
        self.times[name].append(now)
        self.on_call(key)
        wait = call.timeout if reply.status is None else min(reply.after, call.timeout)
        try:
            self._sleep(wait)
        finally:
            taken.ended = True
        taken.status = reply.status
        self._steps.hook(step, Moment.AFTER)
        if reply.status is None:
            return Unanswered("timeout", "no answer in time", wait, ADDRESS)
        return Answered(reply.status, reply.headers, b"", False, wait, ADDRESS)


def _key(headers: Mapping[str, str]) -> DeliveryKey:
    webhook_id, delivery_id = headers["X-Hookline-Id"], headers["X-Hookline-Delivery-Id"]
    return DeliveryKey(TENANT, WebhookId(webhook_id), DeliveryId(delivery_id))
