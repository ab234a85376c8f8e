"""Reads a JSON object field by field, collecting every broken rule on the way."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.filtering import InvalidExpression, compile_expression
from hookline.errors import FieldError


class Fields:
    """One object of a request's body; ``path`` is its dotted place, ``errors`` shared by all.

    A field that is null counts as absent. Each reader notes what is wrong and answers with a value
    to go on with, so that one broken field hides no other: look at ``errors`` before using any.
    """

    def __init__(self, value: object, errors: list[FieldError], path: str = "") -> None:
        self.errors = errors
        self._path = path
        self._read: set[str] = set()
        self._values: dict[str, object] = {}
        if isinstance(value, dict):
            self._values = value
        else:
            self.errors.append(FieldError(path, "must be a JSON object"))

    def wrong(self, name: str, message: str) -> None:
        """Notes a broken rule of the field ``name``; of the object itself when that is empty."""
        self.errors.append(FieldError(self._at(name), message))

    def raw(self, name: str) -> object:
        """The field's value, whatever it is; None where it is absent."""
        self._read.add(name)
        return self._values.get(name)

    def text(self, name: str, *, least: int = 1, most: int, default: str | None = None) -> str:
        """A string of ``least`` to ``most`` characters; required when there is no default."""
        value = self.raw(name)
        if value is None:
            if default is None:
                self.wrong(name, "is required")
            return default or ""
        if not isinstance(value, str):
            self.wrong(name, "must be a string")
            return ""
        if not least <= len(value) <= most:
            self.wrong(name, f"must have {least} to {most:,} characters")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """A truth value, as JSON has it."""
        value = self.raw(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(name, "must be true or false")
            return default
        return value

    def integer(self, name: str, *, least: int, most: int) -> int | None:
        """A whole number from ``least`` to ``most``; None where it is absent."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.wrong(name, f"must be a whole number from {least} to {most:,}")
            return None
        return value

    def choice[Option: str](
        self, name: str, options: Sequence[Option], default: Option | None = None
    ) -> Option:
        """One of the options; required when there is no default."""
        value = self.raw(name)
        if value is None and default is not None:
            return default
        for option in options:
            if value == option:
                return option
        self.wrong(name, f"must be one of {', '.join(options)}")
        return options[0]

    def expression(self, name: str) -> str:
        """A JMESPath expression that compiles."""
        value = self.text(name, most=4_096)
        if value:
            self.check_expression(name, value)
        return value

    def check_expression(self, name: str, text: str) -> None:
        """Notes why a text is no JMESPath expression, and where."""
        try:
            compile_expression(text)
        except InvalidExpression as error:
            self.wrong(name, error.detail)

    def object(self, name: str) -> Fields | None:
        """A nested object; required."""
        value = self.raw(name)
        if value is None:
            self.wrong(name, "is required")
            return None
        return Fields(value, self.errors, self._at(name))

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._values.get(name) is not None

    def refuse_others(self) -> None:
        """Notes every field that no reader has asked for."""
        for name, value in self._values.items():
            if name not in self._read and value is not None:
                self.wrong(name, "is not a known field")

    def _at(self, name: str) -> str:
        return ".".join(part for part in (self._path, name) if part)
