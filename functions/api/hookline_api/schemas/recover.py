"""Recover jobs."""

from __future__ import annotations

from hookline.domain.delivery.delivery import Status
from hookline.domain.delivery.recover_job import JobStatus
from hookline.domain.documents.kinds import Choice
from hookline_api.schemas.base import (
    MOMENT,
    Answer,
    Each,
    always,
    count,
    identifier,
    number,
    page_of,
    text,
)


class Counted(Answer):
    """A dry run."""

    matched = always(count(17), "What a job would attempt again.")


class RecoverJob(Counted):
    """A job. The scheduler carries it on, minute by minute."""

    id = always(identifier("job"), "Its id.")
    webhook_id = always(identifier("wh"), "The webhook whose deliveries it attempts.")
    status = always(Choice(*JobStatus), "How far it has come.")
    since = always(MOMENT, "What was created at or after this time.")
    until = always(MOMENT, "What was created before this time.")
    statuses = always(Each(Choice(*Status)), "Deliveries with one of these statuses.")
    types = always(Each(text("order.paid")), "Of these event types; of all without any.")
    rate_per_second = always(number(10), "Deliveries a second.")
    matched = always(count(17), "Counted when it began.")
    resent = always(count(5), "Attempted again so far.")
    passed_over = always(count(0), "Changed meanwhile, or expired.")
    remaining = always(count(12), "Still to be attempted.")
    created_at = always(MOMENT, "When it began.")
    created_by = always(text("root"), "Who began it.")
    updated_at = always(MOMENT, "When it last went on.")
    finished_at = always(MOMENT, "When it ended.", nullable=True)


RecoverJobPage = page_of("RecoverJobPage", RecoverJob, "Recoveries of a webhook, newest first.")
