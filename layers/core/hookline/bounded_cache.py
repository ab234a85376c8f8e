"""A small cache with a lifetime and a bound, for answers that may be a little old."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from hookline.ports import Clock


class BoundedCache[Key, Value]:
    """At most ``size`` values for ``lifetime`` each; the least recently used one goes first.

    Safe to share between threads.
    """

    def __init__(self, *, size: int, lifetime: timedelta, clock: Clock) -> None:
        self._size = size
        self._lifetime = lifetime
        self._clock = clock
        self._entries: OrderedDict[Key, tuple[datetime, Value]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """The value while it lives."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            expires_at, value = entry
            if expires_at <= self._clock():
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return value

    def put(self, key: Key, value: Value) -> None:
        """Keeps the value from now on for its lifetime."""
        with self._lock:
            self._entries[key] = (self._clock() + self._lifetime, value)
            self._entries.move_to_end(key)
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def discard(self, key: Key) -> None:
        """Drops the value, if there is one."""
        with self._lock:
            self._entries.pop(key, None)

    def forget(self, condition: Callable[[Value], bool]) -> None:
        """Drops every value that the condition holds for."""
        with self._lock:
            gone = [key for key, (_, value) in self._entries.items() if condition(value)]
            for key in gone:
                del self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)
