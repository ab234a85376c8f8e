"""Endpoints as tests tell them to behave, behind the `Caller` that calls them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.delivery.call import Answered, Call, Unanswered
from hookline.ports import Clock

ADDRESS = "93.184.216.34:443"

type Outcome = Answered | Unanswered


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One call as an endpoint saw it; ``attempt`` is the number its header says."""

    url: str
    delivery_id: str
    event_id: str
    attempt: int
    at: datetime
    call: Call


type Behaviour = Callable[[CallSeen], Outcome]


def answering(status: int, **headers: str) -> Behaviour:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda _: Answered(status, given, b"", False, timedelta(milliseconds=40), ADDRESS)


def timing_out(_: CallSeen) -> Outcome:
    return Unanswered("timeout", "no answer within 10 s", timedelta(seconds=10), ADDRESS)


def after_failing(times: int, then: int = 200, status: int = 500) -> Behaviour:
    """Fails so many times for each delivery, then answers with ``then``."""
    failures: defaultdict[str, int] = defaultdict(int)

    def behave(seen: CallSeen) -> Outcome:
        failures[seen.delivery_id] += 1
        return answering(status if failures[seen.delivery_id] <= times else then)(seen)

    return behave


class Endpoints:
    """A `Caller`. Every url answers 200 until told otherwise; every call is kept in ``calls``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._behaviours: dict[str, Behaviour] = {}
        self.calls: list[CallSeen] = []
        self.keep_calls = True
        self.during_call: Callable[[CallSeen], None] = lambda _: None

    def tell(self, url: str, behaviour: Behaviour) -> None:
        self._behaviours[url] = behaviour

    def __call__(self, call: Call) -> Outcome:
        headers = {name.lower(): value for name, value in call.headers.items()}
        seen = CallSeen(
            url=str(call.url),
            delivery_id=headers["x-hookline-delivery-id"],
            event_id=headers["webhook-id"],
            attempt=int(headers["x-hookline-attempt"]),
            at=self._clock(),
            call=call,
        )
        if self.keep_calls:
            self.calls.append(seen)
        self.during_call(seen)
        return self._behaviours.get(seen.url, answering(200))(seen)

    def calls_of(self, delivery_id: str) -> list[CallSeen]:
        return [seen for seen in self.calls if seen.delivery_id == delivery_id]
