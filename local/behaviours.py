"""How the receiver answers a call: told by the call's own path, or set for a path beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to answer. Once it has applied `times` times, calls get a plain 200."""

    status: int = 200
    times: int | None = None
    """How many calls it applies to; None: all of them."""
    each: bool = False
    """Whether `times` counts for every webhook-id by itself."""
    delay_seconds: float = 0
    """How long the answer takes."""
    reset: bool = False
    """Whether the connection is reset instead of answered."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


SHORTCUTS: Mapping[str, Callable[[str], Behaviour]] = {
    "fail": lambda times: Behaviour(status=500, times=int(times)),
    "fail-each": lambda times: Behaviour(status=500, times=int(times), each=True),
    "status": lambda status: Behaviour(status=int(status)),
    "stall": lambda seconds: Behaviour(delay_seconds=float(seconds)),
    "retry-after": lambda s: Behaviour(status=503, headers={"Retry-After": s}),
    "reset": lambda _: Behaviour(reset=True),
    "gone": lambda _: Behaviour(status=410),
    "redirect": lambda _: Behaviour(status=302, headers={"Location": "/redirected"}),
}
"""First segment of a path: what it does with the second. `/fail/2/orders` fails twice."""


def by_path(path: str) -> Behaviour:
    """The behaviour a path asks for by its own words; a plain 200 where it asks for none."""
    first, _, rest = path.lstrip("/").partition("/")
    shortcut = SHORTCUTS.get(first)
    if shortcut is None:
        return Behaviour()
    try:
        return shortcut(rest.partition("/")[0])
    except ValueError:  # `/status/page` is somebody's ordinary path
        return Behaviour()


class Behaviours:
    """What each path does next. Not safe for threads: its user holds the lock."""

    def __init__(self) -> None:
        self._set: dict[str, Behaviour] = {}
        self._applied: dict[tuple[str, str], int] = {}

    def set(self, path: str, behaviour: Behaviour) -> None:
        """Sets what a path does from now on, and counts from nought again."""
        self.unset(path)
        self._set[path] = behaviour

    def unset(self, path: str) -> None:
        """Goes back to what the path itself says."""
        self._set.pop(path, None)
        for key in [key for key in self._applied if key[0] == path]:
            del self._applied[key]

    def clear(self) -> None:
        """Forgets every setting and every count."""
        self._set.clear()
        self._applied.clear()

    def next(self, path: str, webhook_id: str) -> Behaviour:
        """How this call of `path` is answered."""
        behaviour = self._set.get(path) or by_path(path)
        if behaviour.times is None:
            return behaviour
        key = (path, webhook_id if behaviour.each else "")
        applied = self._applied.get(key, 0)
        self._applied[key] = applied + 1
        return behaviour if applied < behaviour.times else Behaviour()
