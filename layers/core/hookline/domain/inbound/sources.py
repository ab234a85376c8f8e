"""Places in a call: `header:NAME`, `query:NAME`, `body:PATH` or `signature:NAME`.

A path leads through the payload: ``data.items[0].id``, or ``value[].state`` for one of each
element; if the payload is a list, ``[0].id``. ``signature:NAME`` is a pair in the header of the
signature (`t=…,v1=…`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hookline.domain.documents.strict_json import dumps
from hookline.domain.inbound.message import Call
from hookline.errors import Refused

_KINDS = ("header", "query", "body", "signature")
_STEP = re.compile(r"([^.\[\]]*)((?:\[\d{0,4}\])*)")
_INDEX = re.compile(r"\[(\d{0,4})\]")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_MAX_CHARACTERS = 200
_MAX_VALUES = 100


class InvalidSource(Refused):
    """The text names no place in a call; ``detail`` says how to write one."""


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed place. ``name`` of a header is in lower case."""

    kind: str
    name: str

    def of(self, call: Call, pairs: Mapping[str, str] | None = None) -> str | None:
        """The one value there; None if there is none, or several."""
        found = self.every(call, pairs)
        return found[0] if len(found) == 1 else None

    def every(self, call: Call, pairs: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """All values there as text, numbers in their own digits; other kinds are left out."""
        match self.kind:
            case "header":
                value = call.headers.get(self.name)
                return () if value is None else (value,)
            case "query":
                return call.query.get(self.name, ())
            case "signature":
                value = (pairs or {}).get(self.name)
                return () if value is None else (value,)
            case _:
                return tuple(_text(each) for each in in_payload(call.parsed.value, self.name))


def source_of(text: str) -> Source:
    """The place that a text names. Raises InvalidSource."""
    kind, colon, name = text.partition(":")
    if not colon or kind not in _KINDS or not 0 < len(name) <= _MAX_CHARACTERS:
        raise InvalidSource(
            "must be header:NAME, query:NAME, body:PATH or signature:NAME, such as header:X-Id"
        )
    if kind == "header":
        if not _NAME.fullmatch(name):
            raise InvalidSource("names a header that is none (RFC 9110)")
        return Source(kind, name.lower())
    if kind == "body" and not _steps(name):
        raise InvalidSource("must name a path in the body such as data.items[0].id")
    return Source(kind, name)


def in_payload(payload: object, path: str) -> list[object]:
    """The values at a path in a payload; none if it leads nowhere."""
    found = [payload]
    for name, indexes in _steps(path) or []:
        if name:
            found = [each[name] for each in found if isinstance(each, Mapping) and name in each]
        for index in indexes:
            found = _elements(found, index)
    return found[:_MAX_VALUES]


def _elements(found: list[object], index: int | None) -> list[object]:
    lists = [each for each in found if isinstance(each, list)]
    if index is None:
        return [part for each in lists for part in each]
    return [each[index] for each in lists if index < len(each)]


def _steps(path: str) -> list[tuple[str, list[int | None]]] | None:
    steps: list[tuple[str, list[int | None]]] = []
    for part in path.split("."):
        step = _STEP.fullmatch(part)
        if step is None or not (step[1] or (step[2] and not steps)):
            return None
        indexes = [int(digits) if digits else None for digits in _INDEX.findall(step[2])]
        steps.append((step[1], indexes))
    return steps


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return dumps(value) if isinstance(value, bool | int | float) else ""
