"""Hooks that kill the process at one step."""

from __future__ import annotations

from tests.engine.steps import Call, Hook, Moment
from tests.engine.system import Crash


def crash_at(name: str, moment: Moment, number: int = 1) -> Hook:
    """Dies before or after one call of a port, the ``number``-th of its name."""

    def hook(call: Call, when: Moment) -> None:
        if (call.name, call.number, when) == (name, number, moment):
            raise Crash

    return hook
