"""Numbers that keep the digits they were written with: ``19.90``, ``1e3``, fifty decimals, ``-0``.

Readers see different things in 19.9 and 19.90 (a price, a version), and some keep more digits than
a double has: what was published is what is sent. Python's float forgets how it was written, so that
one whose own notation differs carries its text along. By value it is the float it ever was.
"""

from __future__ import annotations

import json
import marshal
from typing import Any, Self, cast

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class Exact(float):
    """A float with the digits it was written with."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """The number that a JSON text stands for."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __getnewargs__(self) -> tuple[Any]:
        """What a copy is made of."""
        return (self.text,)


# JMESPath's library and others tell the type of a number by its name.
Exact.__name__ = "float"


def number_of(text: str) -> float:
    """The number of a JSON text with a fraction or exponent; infinite beyond a double's range."""
    number = float(text)
    return number if repr(number) == text else Exact(text)


def integer_of(text: str) -> float:
    """The number of a JSON text without either."""
    return Exact(text) if text == "-0" else int(text)


def printed(value: object) -> str:
    """Compact JSON, keys in their own order, text unescaped where it may be, digits as written."""
    return _ENCODE(value) if _is_plain(value) else _exact(value)


def _is_plain(value: object) -> bool:
    # It takes Python's own types alone, and a quarter of the time that the encoder takes, which
    # would print the digits of a float whatever class it is of.
    try:
        marshal.dumps(cast("Any", value), 2)
    except ValueError:
        return False
    return True


def _exact(value: object) -> str:
    if isinstance(value, Exact):
        return value.text
    if isinstance(value, dict):
        members = (f"{_ENCODE(_key(name))}:{_exact(part)}" for name, part in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_exact, value)) + "]"
    return _ENCODE(value)


def _key(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError("a name in JSON is a text")
    return name
