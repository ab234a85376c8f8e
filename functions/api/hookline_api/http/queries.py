"""Query strings as declared shapes: a parameter is known, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from hookline.domain.documents.kinds import Findings, Flag, Instant, Kind, ListOf, Text, Whole
from hookline.domain.documents.shape import Shape, defaulted, optional
from hookline.domain.times import iso
from hookline.errors import FieldError

_WHOLE = re.compile(r"-?[0-9]{1,15}")
_FLAGS = {"true": True, "false": False}


class Query(Shape):
    """Base of all queries. Items of lists are separated by commas."""

    @classmethod
    def of_texts(cls, texts: Mapping[str, str]) -> Self:
        """The query from decoded parameters. Raises Rejected with every FieldError."""
        findings = Findings()
        values = {
            name: _value(cls.fields[name].kind, text) if name in cls.fields else text
            for name, text in texts.items()
        }
        query = cls.read(values, findings)
        # The caller wrote one text with commas and does not count positions in a list.
        findings.errors = [
            each if each.field in texts else FieldError(each.field.partition(".")[0], each.message)
            for each in findings.errors
        ]
        findings.settle()
        return query

    def names(self) -> tuple[str, ...]:
        """What a cursor belongs to besides tenant and path: all parameters except its position."""
        given = (value for name, value in self.values.items() if name not in PageQuery.fields)
        return tuple(_name(value) for value in given)


class PageQuery(Query):
    """Which page of a list."""

    limit = defaulted(Whole(1, 100), 50, "Items on a page, at most.", example=20)
    cursor = optional(
        Text(1, 2_048, example="MDFNODFQWTZUN1g0U0pUQUo4Q1NKQ1IzMUM"),
        "`next_cursor` of the page before.",
    )


class TimeQuery(Query):
    """Between which times."""

    since = optional(Instant(), "At or after this time.", example="2026-11-22T00:00:00Z")
    until = optional(Instant(), "Before this time.", example="2026-11-23T00:00:00Z")


def _value(kind: Kind[Any], text: str) -> object:
    """The JSON value of a text; the text itself if it has none."""
    match kind:
        case Whole() if _WHOLE.fullmatch(text):
            return int(text)
        case Flag():
            return _FLAGS.get(text, text)
        case ListOf():
            return list(dict.fromkeys(text.split(",")))
        case Instant():
            # A plus sign in a query string reads as a space; in a time a space was always a plus.
            return text.replace(" ", "+")
        case _:
            return text


def _name(value: object) -> str:
    match value:
        case None:
            return ""
        case tuple():
            return ",".join(map(str, value))
        case datetime():
            return iso(value)
        case _:
            return str(value)
