"""Deliveries: created, changed, listed, waited on and recovered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hookline.domain.delivery.delivery import (
        Attempt,
        Delivery,
        DeliveryKey,
        ErrorKind,
        Progress,
        Standing,
        Status,
    )
    from hookline.domain.delivery.recover_job import RecoverJob
    from hookline.domain.ids import DeliveryId, EventId, JobId, TenantId, WebhookId


class NewDeliveries(Protocol):
    """Creates deliveries in batches."""

    def create(self, deliveries: Sequence[Delivery]) -> None:
        """Writes them all: only for deliveries that nobody else can make.

        One that it wrote itself, whose reply got lost and that somebody changed since, is not
        written again.
        """
        ...

    def create_some(self, deliveries: Sequence[Delivery]) -> Collection[DeliveryKey]:
        """As `create`, but soon returns those it could not write, so that others need not wait."""
        ...

    def create_one(self, delivery: Delivery) -> bool:
        """Whether this call created it, as others may. False after a lost reply."""
        ...


class Deliveries(Protocol):
    """Deliveries by their keys, many at once and read consistently."""

    def get_many(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """Those that exist and can be read, with bodies: ask for no more than memory holds."""
        ...

    def get_some(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """As `get_many`, but skips throttled partitions, so that others need not wait."""
        ...

    def progress(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Progress]:
        """The progress of those that exist, some bytes each.

        One that cannot be read counts as under way: nobody may create it anew.
        """
        ...


class Standings(Protocol):
    """Deliveries by their keys, in brief."""

    def standing(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Standing]:
        """The status of those that exist and can be read, some bytes each."""
        ...


@dataclass(frozen=True, slots=True)
class Replaced:
    """``after`` is stored."""


@dataclass(frozen=True, slots=True)
class Outrun:
    """Somebody else changed the delivery first: ``current`` is stored, None if it is gone."""

    current: Delivery | None


class DeliveryChanges(Protocol):
    """The one way a delivery changes: compare and set."""

    def get(self, key: DeliveryKey) -> Delivery | None: ...

    def replace(self, before: Delivery, after: Delivery) -> Replaced | Outrun:
        """Replaces ``before`` by ``after`` in one conditional write.

        The fence is status, generation, sequence, ticket, attempt_count and due time of ``before``.
        If ``after`` has a further attempt, the last attempt of ``before`` moves to the attempts
        first. A repeat of the same replacement, its reply lost, returns Replaced.
        """
        ...


@dataclass(frozen=True, slots=True)
class LogSearch:
    """Further filters of a page of a log.

    ``response_status`` and ``error_kind`` are those of the last attempt. ``looks_at`` bounds how
    many deliveries are read, whether they pass or not, and so what a page may cost.
    """

    event_id: EventId | None = None
    response_status: int | None = None
    error_kind: ErrorKind | None = None
    looks_at: int | None = None


EVERYTHING = LogSearch()


class DeliveryLog(Protocol):
    """A webhook's deliveries, newest first."""

    def page(  # noqa: PLR0913 - one for each filter
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        limit: int,
        *,
        before: DeliveryId | None = None,
        statuses: Sequence[Status] = (),
        types: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        search: LogSearch = EVERYTHING,
    ) -> tuple[Sequence[Delivery], DeliveryId | None]:
        """At most ``limit`` that pass the filters; then where the next page begins.

        Created at ``since`` or later and before ``until``. Bodies, headers and activations are left
        out: to change a delivery, `DeliveryChanges.get` it first. A page may be short and not the
        last.
        """
        ...

    def attempts(self, delivery: Delivery, limit: int) -> Sequence[Attempt]:
        """Its last ``limit`` attempts in order, the one in ``delivery`` included."""
        ...


@dataclass(frozen=True, slots=True)
class DuePage:
    """Some entries of the index, in its order; ``after`` is where the next begin, if any.

    Only its adapter knows what ``after`` is made of.
    """

    keys: Sequence[DeliveryKey]
    after: object | None


class Due(Protocol):
    """The sparse index of deliveries that wait. It may lag.

    A stale entry loses at `DeliveryChanges`. Whoever walks through the index goes on from page to
    page, and meets no stale entry twice.
    """

    def on_the_clock(
        self, shard: int, now: datetime, limit: int, after: object | None = None
    ) -> DuePage:
        """Deliveries due before ``now``, longest first, of one of the `CLOCK_SHARDS`."""
        ...

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, after: object | None = None
    ) -> DuePage:
        """Deliveries that wait on a webhook, longest due first."""
        ...

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        after: object | None = None,
    ) -> DuePage:
        """Deliveries that wait on a webhook past their age, of some thousand entries: one read.

        Those due longest come first; a page may be empty and not the last.
        """
        ...


class RecoverJobs(Protocol):
    """The jobs of all webhooks, each changed by compare and set."""

    def create(self, job: RecoverJob) -> None:
        """Writes a job with an id of its own; the same one again changes nothing."""
        ...

    def get(self, tenant: TenantId, webhook_id: WebhookId, job_id: JobId) -> RecoverJob | None: ...

    def replace(self, before: RecoverJob, after: RecoverJob) -> bool:
        """False if ``before`` is no longer the stored version."""
        ...

    def page(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, before: JobId | None
    ) -> tuple[Sequence[RecoverJob], JobId | None]:
        """At most ``limit`` of one webhook, newest first; then where the next page begins."""
        ...

    def running(self) -> Iterable[RecoverJob]:
        """All that are running, oldest first; the index may lag a moment."""
        ...
