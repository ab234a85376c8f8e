"""Numbers every call of a port, so that a test can let any one of them go wrong.

A hook is called before and after each call and goes wrong by raising: `Unavailable` for a call
that AWS did not take (before) or whose reply got lost (after), an exception of its own for a
crash. Answering `Partly(n)` before a call that takes a sequence has only the first n of it done,
and then raises `Unavailable`: a batch that got throttled half way. Answering `Again()` after a
call has it done a second time, as botocore does with a call whose reply got lost; `Later` before it
has it done when its caller has given it up, `Instead` has somebody else answer it.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

from hookline.errors import Unavailable


class Moment(Enum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Call:
    """``name`` as in ``delivery_changes.replace``; ``number`` counts calls of this name from 1,
    ``step`` all calls. ``items``: how many it was given, of a call that takes a sequence; ``given``
    are its arguments."""

    name: str
    number: int
    step: int
    items: int = 0
    given: tuple[Any, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Partly:
    """Do only the first ``count`` of the sequence, then be unavailable."""

    count: int


@dataclass(frozen=True, slots=True)
class Again:
    """Do the call a second time, and answer what that answers."""


@dataclass(frozen=True, slots=True)
class Later:
    """Be unavailable, and have the call done ``by`` somebody when its caller has given it up."""

    by: Callable[[Callable[[], object]], None]


@dataclass(frozen=True, slots=True)
class Instead:
    """Answer what ``by`` makes of the call's method and its first argument."""

    by: Callable[[Callable[..., Any], Any], Any]


type Hook = Callable[[Call, Moment], Partly | Again | Later | Instead | None]

KNOWS_ITS_OWN = frozenset(
    {
        *("events.accept", "health.replace"),
        *("webhook_changes.create", "webhook_changes.replace", "webhook_changes.delete"),
        *("new_deliveries.create", "new_deliveries.create_some", "idempotency.begin"),
    }
)
"""Calls whose adapters tell a repeat from somebody else's call: only the first one's answer counts.
`tests/contract/test_lost_replies.py` holds them to it."""


def _nothing(_call: Call, _moment: Moment) -> None:
    return None


class Steps:
    """The calls of all ports that one engine made, in order, and the hook they go through.

    ``pause`` is called before each, with its name: time may pass there, and others go on.
    """

    def __init__(self) -> None:
        self.hook: Hook = _nothing
        self.pause: Callable[[str], None] = lambda _name: None
        self.names: Counter[str] = Counter()
        self.total = 0

    def observe[Port](self, name: str, port: Port) -> Port:
        """The port, every public method of which is a step."""
        return cast("Port", Observed(name, port, self))

    def take(self, name: str, given: tuple[Any, ...] = ()) -> Call:
        self.names[name] += 1
        self.total += 1
        first = given[0] if given else None
        items = len(first) if isinstance(first, list | tuple) else 0
        return Call(name, self.names[name], self.total, items, given)


class Observed:
    """A port whose calls are steps."""

    def __init__(self, name: str, port: object, steps: Steps) -> None:
        self._name = name
        self._port = port
        self._steps = steps

    def __getattr__(self, method: str) -> Any:
        wrapped = _step(f"{self._name}.{method}", getattr(self._port, method), self._steps)
        setattr(self, method, wrapped)
        return wrapped


def _step[**Given, Answer](
    name: str, method: Callable[Given, Answer], steps: Steps
) -> Callable[Given, Answer]:
    @functools.wraps(method)
    def stepped(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        steps.pause(name)
        call = steps.take(name, args)
        match steps.hook(call, Moment.BEFORE):
            case Partly(count):
                first = cast("Sequence[object]", args[0])
                cast("Any", method)(first[:count], *args[1:], **kwargs)
                raise Unavailable(f"{name}: throttled after {count}")
            case Later(by):
                by(functools.partial(method, *args, **kwargs))
                raise Unavailable(f"{name}: given up")
            case Instead(by):
                return cast("Answer", by(method, args[0]))
        answer = method(*args, **kwargs)
        if isinstance(steps.hook(call, Moment.AFTER), Again):
            repeated = method(*args, **kwargs)
            return answer if name in KNOWS_ITS_OWN else repeated
        return answer

    return stepped


def never_sent(name: str, number: int = 1) -> Hook:
    """Fails one call before anything of it was done."""
    return _once(name, number, Moment.BEFORE)


def reply_lost(name: str, number: int = 1) -> Hook:
    """Fails one call after all of it was done."""
    return _once(name, number, Moment.AFTER)


def _once(name: str, number: int, when: Moment) -> Hook:
    def hook(call: Call, moment: Moment) -> None:
        if (call.name, call.number, moment) == (name, number, when):
            raise Unavailable(f"{name} number {number}, {when.value}")

    return hook
