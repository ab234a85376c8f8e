"""Test sends and recover jobs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from hookline.domain.delivery.recover_job import JobStatus
from hookline_api.schemas.base import Answer, EventTypeName, Input, Timestamp, words_of
from hookline_api.schemas.delivery import Status


class TestInput(Input):
    """A sample event. Without a type, one that the webhook subscribes to."""

    __test__ = False  # not a test case, whatever pytest makes of its name

    type: EventTypeName | None = None
    data: Any = Field(default=None, description="Without it, the catalogue's example.")


class RecoverInput(Input):
    """What is to be attempted again."""

    since: Timestamp
    until: Timestamp | None = Field(default=None, description="Default: now.")
    statuses: list[Status] | None = Field(default=None, description="Default `failed` alone.")
    types: list[EventTypeName] | None = Field(
        default=None, max_length=45, description="Default all."
    )
    rate_per_second: Annotated[float, Field(ge=0.1, le=100)] | None = Field(
        default=None, description="Default 10."
    )
    dry_run: bool | None = Field(default=None, description="Count, and send nothing.")


class Counted(Answer):
    """A dry run."""

    matched: int


class RecoverJob(Answer):
    """A job. The scheduler carries it on, minute by minute."""

    id: str
    webhook_id: str
    status: Annotated[str, words_of(JobStatus)]
    since: Timestamp
    until: Timestamp
    statuses: list[Status]
    types: list[str]
    rate_per_second: float
    matched: int = Field(description="Counted when it began.")
    resent: int
    passed_over: int = Field(description="Changed meanwhile, or expired.")
    remaining: int
    created_at: Timestamp
    created_by: str
    updated_at: Timestamp
    finished_at: Timestamp | None
