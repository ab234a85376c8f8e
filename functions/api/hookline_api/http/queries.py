"""Filters of lists as they come in query strings, all errors at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from hookline.domain.delivery.delivery import Status
from hookline.domain.documents.fields import Fields, Findings
from hookline.domain.event.patterns import validate_type
from hookline.domain.times import iso

StatusQuery = Annotated[
    str | None, Query(max_length=64, description="One status, or several with commas.")
]
TypeQuery = Annotated[
    str | None, Query(max_length=2048, description="One event type, or several with commas.")
]
SinceQuery = Annotated[
    str | None, Query(max_length=64, description="ISO 8601: created at or after this.")
]
UntilQuery = Annotated[
    str | None, Query(max_length=64, description="ISO 8601: created before this.")
]

MOST_TYPES = 20


@dataclass(frozen=True, slots=True)
class Filters:
    """Which items of a list are wanted."""

    statuses: tuple[Status, ...] = ()
    types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def names(self) -> tuple[str, ...]:
        """What a cursor belongs to besides tenant and path."""
        return (
            ",".join(self.statuses),
            ",".join(self.types),
            iso(self.since) if self.since else "",
            iso(self.until) if self.until else "",
        )


def filters_of(
    *,
    status: str | None = None,
    type: str | None = None,  # noqa: A002 - the query parameter's own name
    since: str | None = None,
    until: str | None = None,
) -> Filters:
    """The filters of a query. Raises Rejected with every FieldError."""
    given = {"since": since, "until": until}
    # A plus sign in a query string reads as a space; in a timestamp it can only have been a plus.
    fields = Fields(
        {name: text.replace(" ", "+") for name, text in given.items() if text is not None},
        Findings(),
    )
    filters = Filters(
        statuses=_statuses(fields, status),
        types=_types(fields, type),
        since=fields.instant("since"),
        until=fields.instant("until"),
    )
    fields.findings.settle()
    return filters


def _statuses(fields: Fields, text: str | None) -> tuple[Status, ...]:
    found: dict[Status, None] = {}
    for word in _words(text):
        if word in list(Status):
            found[Status(word)] = None
        else:
            fields.refuse("status", f"must be of {', '.join(Status)}")
    return tuple(found)


def _types(fields: Fields, text: str | None) -> tuple[str, ...]:
    words = _words(text)
    if len(words) > MOST_TYPES:
        fields.refuse("type", f"must not name more than {MOST_TYPES}")
    for word in words:
        problem = validate_type(word)
        if problem:
            fields.refuse("type", problem)
    return words


def _words(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(dict.fromkeys(text.split(",")))
