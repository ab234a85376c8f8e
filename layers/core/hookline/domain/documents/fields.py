"""Reads the fields of a JSON object one by one, and collects all that is wrong with them.

A reader never raises: each method gives a usable value, the default where the given one is refused,
and notes a `FieldError`. So one pass over an object names every broken rule, of shape and of
content alike. Null stands for absent (RFC 7396).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from hookline.domain.documents.findings import Findings
from hookline.domain.documents.kinds import has_control_characters, none_of
from hookline.domain.times import floor_to_millis, from_iso

__all__ = ["Fields", "Findings", "none_of", "set_by_the_server"]


class Fields:
    """One JSON object under ``path`` ("" for the outermost)."""

    def __init__(self, values: Mapping[str, object], findings: Findings, path: str = "") -> None:
        self._values = values
        self._path = path
        self._asked: set[str] = set()
        self.findings = findings

    def path_of(self, name: str | int) -> str:
        """The dotted path of one of its fields."""
        return f"{self._path}.{name}" if self._path else str(name)

    def refuse(self, name: str, message: str) -> None:
        """Notes a broken rule about one of its fields."""
        self.findings.add(self.path_of(name), message)

    def raw(self, name: str) -> object:
        """The value as it is; None when absent."""
        self._asked.add(name)
        return self._values.get(name)

    def text(self, name: str, longest: int, *, shortest: int = 1) -> str | None:
        """A string of so many characters, on one line; None when absent or refused."""
        value = self.raw(name)
        if value is None:
            return None
        return self._text(self.path_of(name), value, shortest, longest)

    def prose(self, name: str, longest: int) -> str | None:
        """A string that may have many lines; None when absent or refused."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(name, "must be a string")
        elif len(value) > longest:
            self.refuse(name, f"must not have more than {longest} characters")
        else:
            return value
        return None

    def required_text(self, name: str, longest: int) -> str:
        """A non-empty string that must be there; "" when refused."""
        if self.raw(name) is None:
            self.refuse(name, "is required")
        return self.text(name, longest) or ""

    def boolean(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.refuse(name, "must be true or false")
        return default

    def number(self, name: str, lowest: float, highest: float) -> float | None:
        """A number between both, them included; None when absent or refused."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(name, "must be a number")
            return None
        if not lowest <= value <= highest:
            self.refuse(name, f"must be from {lowest:g} to {highest:.12g}")
            return None
        return value

    def integer(self, name: str, lowest: int, highest: int) -> int | None:
        """A whole number between both, them included; None when absent or refused."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, "must be a whole number")
            return None
        if not lowest <= value <= highest:
            self.refuse(name, f"must be from {lowest} to {highest}")
            return None
        return value

    def choice[Choice: str](self, name: str, choices: Sequence[Choice], default: Choice) -> Choice:
        """One of the given words."""
        value = self.raw(name)
        if value is None:
            return default
        for choice in choices:
            if value == choice:
                return choice
        self.refuse(name, none_of(choices))
        return default

    def texts(
        self,
        name: str,
        most: int,
        longest: int,
        problem: Callable[[str], str | None] = lambda _: None,
    ) -> tuple[str, ...]:
        """A list of different non-empty strings; those that are refused are left out.

        ``problem`` says what is wrong with one, None for a good one.
        """
        value = self.raw(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.refuse(name, "must be a list of strings")
            return ()
        if len(value) > most:
            self.refuse(name, f"must not have more than {most} items, but has {len(value)}")
            return ()
        found: dict[str, None] = {}
        for index, item in enumerate(value):
            path = f"{self.path_of(name)}.{index}"
            text = self._text(path, item, 1, longest)
            if text is not None and text in found:
                self.findings.add(path, "is there twice")
            elif text is not None and (detail := problem(text)):
                self.findings.add(path, detail)
            elif text is not None:
                found[text] = None
        return tuple(found)

    def instant(self, name: str) -> datetime | None:
        """An ISO 8601 timestamp, to the millisecond; None when absent or refused."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, str):
            try:
                return floor_to_millis(from_iso(value))
            except ValueError:
                pass
        self.refuse(name, "must be an ISO 8601 timestamp such as 2026-11-22T12:00:00.000Z")
        return None

    def inner(self, name: str) -> Fields:
        """An object within; an empty one when absent or refused."""
        value = self.raw(name)
        if value is not None and not isinstance(value, dict):
            self.refuse(name, "must be an object")
        values = value if isinstance(value, dict) else {}
        return Fields(values, self.findings, self.path_of(name))

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._values.get(name) is not None

    def close(self, messages: Mapping[str, str] | None = None) -> None:
        """Refuses every field that nobody asked for; ``messages`` has better words for some."""
        for name in self._values:
            if name not in self._asked:
                self.refuse(name, (messages or {}).get(name, "is not a known field"))

    def _text(self, path: str, value: object, shortest: int, longest: int) -> str | None:
        if not isinstance(value, str):
            self.findings.add(path, "must be a string")
        elif not shortest <= len(value) <= longest:
            self.findings.add(path, f"must have {shortest} to {longest} characters")
        elif has_control_characters(value):
            self.findings.add(path, "must not hold control characters")
        else:
            return value
        return None


def set_by_the_server(names: Iterable[str]) -> Mapping[str, str]:
    """What `Fields.close` says of read-only fields."""
    return dict.fromkeys(names, "is set by the server")
