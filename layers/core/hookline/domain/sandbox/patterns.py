"""Users' regular expressions, matched by RE2: in time linear in the text, whatever they are.

JSON Schema uses ECMA-262's expressions. RE2 has almost the same; the few differences are rewritten.
https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import re2

from hookline.errors import Refused

MAX_PATTERN_LENGTH = 512
MAX_SIZES = 400_000
"""The sum of `size_of` over one schema's patterns: each unit takes 0.4 us to compile."""

_MAX_MEMORY = 4 * 1024 * 1024
"""Bytes of one compiled pattern: some 50 ms of compiling."""

# Escapes are read in order, so that an escaped backslash before a "u" does not look like one.
_ESCAPE = re.compile(
    r"\\(?:u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u\{(?P<point>[0-9a-fA-F]{1,6})\}|u(?P<unit>[0-9a-fA-F]{4})|c(?P<control>[A-Za-z])|.)",
    re.DOTALL,
)

_LINEAR = "RE2 matches in linear time, which nobody knows how to do for"
_REASONS = {
    "invalid perl operator": f"must not look ahead or behind: {_LINEAR} look-arounds",
    "invalid escape sequence": "holds an escape that is not known, or a back-reference:"
    f" {_LINEAR} those",
    "invalid repetition size": "must not repeat anything more than 1000 times",
    "pattern too large": "is too large when its repetitions are written out",
}


class InvalidPattern(Refused):
    """No regular expression, or one that linear time is not enough for; the message says why."""


def compiled(pattern: str) -> Any:
    """The compiled pattern: ``search(text)`` takes at most `size_of` steps a character.

    Raises InvalidPattern.
    """
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise InvalidPattern(f"a pattern must not be longer than {MAX_PATTERN_LENGTH} characters")
    try:
        return re2.compile(_ESCAPE.sub(_in_re2, pattern), _options())
    except (re2.error, UnicodeEncodeError) as error:
        raise InvalidPattern(_reason(error)) from None


def size_of(pattern: Any) -> int:
    """Instructions of a compiled pattern: the most steps for one character of text."""
    return int(pattern.programsize)


def forget() -> None:
    """Frees the memory of compiled patterns."""
    re2.purge()


@cache
def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    return options


def _in_re2(escape: re.Match[str]) -> str:
    if escape["high"]:
        pair = bytes.fromhex(escape["high"] + escape["low"])
        return rf"\x{{{ord(pair.decode('utf-16-be')):X}}}"
    point = escape["point"] or escape["unit"]
    if point:
        return rf"\x{{{point}}}"
    if escape["control"]:
        return rf"\x{{{ord(escape['control']) % 32:X}}}"
    return escape[0]


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    for beginning, reason in _REASONS.items():
        if text.startswith(beginning):
            return reason
    return f"is not a regular expression: {text.partition(':')[0]}"
