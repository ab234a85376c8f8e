"""JSON by RFC 8259: what two parsers could read differently is refused.

Python's own parser accepts NaN, infinities, duplicate keys and lone surrogates, and hits the
interpreter's limits on deep nesting and long integers. Here time and memory are linear in the
input.

Numbers keep the digits they were written with: ``19.90``, ``1e3``, fifty decimals, ``-0``. Readers
may tell 19.9 from 19.90 (a price, a version), and some keep more digits than a double has: what was
published is what is sent.
"""

from __future__ import annotations

import codecs
import json
import marshal
import math
import re
from collections.abc import Sequence
from typing import Any, Self, cast

from hookline.errors import Refused

MAX_DEPTH = 64
"""Levels of nesting: the bound for events (product rule), and the default."""

MAX_INTEGER_DIGITS = 309
"""As many as the largest double has: most readers of JSON cannot represent more."""

_SHOWN_DIGITS = 20

# A string is skipped as a whole, closed or not: no character is read twice.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)

# Escapes are read in order, so that an escaped backslash before a "u" does not look like one.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|u(?P<lone>[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class InvalidJson(Refused):
    """The text is not JSON, or is JSON that readers disagree about.

    ``position`` counts characters from 0; None if the parser does not say.
    """

    code = "malformed_json"

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason if position is None else f"{reason}, at character {position}")
        self.reason = reason
        self.position = position


class NumberOutOfRange(InvalidJson):
    """JSON with a number that most readers would change: it cannot be kept as it is."""

    code = "number_out_of_range"


def loads(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> object:
    """The plain value of a JSON text: dict, list, str, int, float (`Exact`), bool or None.

    A byte order mark before it is skipped (RFC 8259, section 8.1): some editors write it.
    Raises InvalidJson for anything that is not UTF-8 JSON, for NaN and infinities, duplicate keys,
    lone surrogates and nesting deeper than ``max_depth``; its subclass NumberOutOfRange for 1e999
    and integers of more than `MAX_INTEGER_DIGITS`.
    """
    text = _text(data)
    _check_depth(text, max_depth)
    _check_surrogates(text)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJson(f"The JSON is malformed: {error.msg}", error.pos) from None


class Exact(float):
    """A float that Python would print with other digits than it was written with."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """The number in a JSON text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __getnewargs__(self) -> tuple[Any]:
        """What a copy is made from."""
        return (self.text,)


# JMESPath's library and others identify a number's type by its name.
Exact.__name__ = "float"


def number_of(text: str) -> float:
    """The number of a JSON text with a fraction or exponent; infinite beyond a double's range."""
    number = float(text)
    return number if repr(number) == text else Exact(text)


def integer_of(text: str) -> float:
    """The number in a JSON text without either."""
    return Exact(text) if text == "-0" else int(text)


def dumps(value: object) -> str:
    """Compact JSON: keys in their order, text unescaped where allowed, digits as written.

    Equal values have equal texts.
    """
    return _ENCODE(value) if _is_plain(value) else _exact(value)


def _is_plain(value: object) -> bool:
    # This handles Python's own types only, in a quarter of the encoder's time; the encoder would
    # also print a float's digits whatever its class.
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


def levels(value: object) -> int:
    """How deeply objects and lists are nested, counted without recursion."""
    depth, layer = 0, [value]
    while layer := [part for part in layer if isinstance(part, list | dict)]:
        depth += 1
        layer = [
            inner for part in layer for inner in (part.values() if isinstance(part, dict) else part)
        ]
    return depth


def _text(data: bytes | str) -> str:
    try:
        if isinstance(data, bytes):
            return data.removeprefix(codecs.BOM_UTF8).decode()
        data.encode()
    except UnicodeDecodeError as error:
        raise InvalidJson("The text is not UTF-8", error.start) from None
    except UnicodeEncodeError as error:
        raise InvalidJson("The text holds a lone surrogate", error.start) from None
    return data


def _check_depth(text: str, max_depth: int) -> None:
    # Before parsing, since the parser recurses and would hit the interpreter's limit first.
    if text.count("[") + text.count("{") <= max_depth:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        character = text[match.start()]
        if character in "[{":
            depth += 1
            if depth > max_depth:
                raise InvalidJson(f"Nesting is deeper than {max_depth} levels", match.start())
        elif character in "]}":
            depth -= 1


def _check_surrogates(text: str) -> None:
    if "\\ud" not in text and "\\uD" not in text:
        return
    for match in _ESCAPE.finditer(text):
        if match["lone"]:
            raise InvalidJson("An escape stands for a lone surrogate", match.start())


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InvalidJson(f"The key {shortened(key)} occurs twice in one object")
            seen.add(key)
    return result


def _integer(digits: str) -> float:
    if len(digits.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise NumberOutOfRange(
            f"The integer {_beginning(digits)} has more than {MAX_INTEGER_DIGITS} digits"
        )
    return integer_of(digits)


def _float(digits: str) -> float:
    number = number_of(digits)
    if math.isinf(number):
        raise NumberOutOfRange(f"The number {_beginning(digits)} is too large to be kept")
    return number


def _beginning(digits: str) -> str:
    return digits if len(digits) <= _SHOWN_DIGITS else f"{digits[:_SHOWN_DIGITS]}…"


def _constant(name: str) -> object:
    raise InvalidJson(f"{name} is not JSON")


def shortened(text: str, limit: int = 60) -> str:
    """The text in quotes for an error message, cut if it is long."""
    return f'"{text}"' if len(text) <= limit else f'"{text[:limit]}…"'


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)
