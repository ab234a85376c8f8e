"""Events, as they are published and read."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from hookline_api.schemas.base import Answer, EventTypeName, Input, Timestamp
from hookline_api.schemas.problem import Problem

Text = Annotated[str, Field(min_length=1, max_length=500)]


class Actor(Input):
    """Who caused the event."""

    id: Text
    name: Text | None = None


class Feature(Input):
    """A feature flag and its strategies by context path, from which activation is computed."""

    id: Text
    name: Text | None = None
    strategies: dict[str, dict[str, Any]] | None = None
    previous_strategies: dict[str, dict[str, Any]] | None = None


class EventInput(Input):
    """What happened. At most 256 KiB, nested at most 64 levels."""

    type: EventTypeName = Field(description="Not under `hookline.`, which is the platform's own.")
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = Field(
        default=None, description="Unique in the tenant; the same id again is not sent twice."
    )
    occurred_at: Timestamp | None = None
    actor: Actor | None = None
    project: Text | None = None
    environment: Text | None = None
    entity_id: Text | None = None
    entity_type: Text | None = None
    entity_url: Annotated[str, Field(max_length=2048)] | None = Field(
        default=None, description="An absolute http or https url.", examples=["https://x.example/1"]
    )
    entity: Any = None
    data: Any = None
    previous_data: Any = None
    tags: Any = None
    feature: Feature | None = None


class Accepted(Answer):
    """The event is durable; from now on it is never lost."""

    id: str
    type: str
    duplicate: bool = Field(description="The id was published before: nothing is sent twice.")


class BatchInput(Input):
    """Up to 100 events, 4 MiB together."""

    events: list[EventInput] = Field(min_length=1, max_length=100)


class BatchItem(Answer):
    """What became of one event: accepted, or its problem."""

    id: str | None = None
    type: str | None = None
    duplicate: bool | None = None
    problem: Problem | None = None


class BatchAnswer(Answer):
    """One result each, in order."""

    items: list[BatchItem]


class EventItem(Answer):
    """An event in a list: without what it carries."""

    id: str
    type: str
    accepted_at: Timestamp
    matched_webhooks: int = Field(description="How many webhooks it was for when it came in.")
    test: bool


class EventPage(Answer):
    """Events, newest first, as soon as they have been fanned out."""

    items: list[EventItem]
    next_cursor: str | None


class Event(Answer):
    """An event as it was accepted; without what is absent."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str
    type: str
    tenant: str
    accepted_at: Timestamp
    occurred_at: Timestamp | None = None
    test: bool


class DryRunItem(Answer):
    """Whether one webhook would get the event, and by what or why not."""

    webhook_id: str
    name: str
    matched: bool
    reason: str


class DryRun(Answer):
    """All webhooks the caller may see, newest first."""

    items: list[DryRunItem]
    truncated: bool = Field(description="There are more webhooks than one dry run looks at.")
