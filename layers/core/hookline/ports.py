"""What the services need from outside, each port named for the whole atomic act it does.

A port's methods either do all they say and return, or raise `hookline.errors.Unavailable`; those
that write are idempotent, since a reply can get lost after the write was applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from hookline.domain.delivery import (
    Attempt,
    Delivery,
    DeliveryKey,
    DeliveryTask,
    Progress,
    Status,
)
from hookline.domain.event import Event
from hookline.domain.fan_out import FanOut, FanOutTask, Match
from hookline.domain.health import Health
from hookline.domain.ids import DeliveryId, EventId, TenantId, WebhookId
from hookline.domain.lease import Lease
from hookline.domain.snapshot import Snapshot as Snapshot  # noqa: PLC0414 - part of a port below
from hookline.domain.webhook import Subscription, Webhook, WebhookSecrets

Clock = Callable[[], datetime]
"""The time now, in UTC."""

Randomness = Callable[[int], bytes]
"""So many random bytes."""


class Concurrently(Protocol):
    """Runs a function over items side by side and yields results as they come, in any order.

    The function must not raise; one that does ends the whole run.
    """

    def __call__[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterable[Result]: ...


# -- webhooks ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saved:
    """The webhook, its name and its subscriptions stand as asked, all or nothing."""


@dataclass(frozen=True, slots=True)
class NameTaken:
    """Another webhook of the tenant has this name; nothing was written."""


@dataclass(frozen=True, slots=True)
class VersionChanged:
    """The webhook is not at the version that was to be replaced; nothing was written."""


class Webhooks(Protocol):
    """A tenant's webhooks, by id and newest first."""

    def get(self, tenant: TenantId, webhook_id: WebhookId) -> Webhook | None: ...
    def page(
        self, tenant: TenantId, limit: int, before: WebhookId | None
    ) -> tuple[Sequence[Webhook], WebhookId | None]:
        """At most ``limit`` (and 1 MiB), newest first, after ``before``; then where to go on."""
        ...


class WebhookChanges(Protocol):
    """Writes a webhook together with its name's guard and its subscriptions, in one transaction."""

    def create(self, webhook: Webhook) -> Saved | NameTaken: ...
    def replace(self, before: Webhook, after: Webhook) -> Saved | NameTaken | VersionChanged: ...
    def delete(self, webhook: Webhook) -> Saved | VersionChanged: ...


class Vault(Protocol):
    """Seals a webhook's secrets under the name of tenant and webhook: they open for no other."""

    def seal(self, tenant: TenantId, webhook_id: WebhookId, secrets: WebhookSecrets) -> str: ...
    def open(self, tenant: TenantId, webhook_id: WebhookId, sealed: str) -> WebhookSecrets: ...


class WebhookHealth(Protocol):
    """The health records, kept apart from the configuration."""

    def get_many(self, keys: Sequence[tuple[TenantId, WebhookId]]) -> Sequence[Health]:
        """One for each key, in order; an untroubled one where nothing is stored."""
        ...

    def add_failures(
        self, tenant: TenantId, webhook_id: WebhookId, failed: Sequence[DeliveryId], at: datetime
    ) -> Health:
        """Counts one failure for each of ``failed`` and answers with the sum, in one write."""
        ...

    def replace(self, before: Health, after: Health) -> bool:
        """Puts ``after`` in place of ``before``; False when that was changed by somebody else.

        The fence is the version, which grows by one; failures added meanwhile do not touch it, and
        are kept but for the fields that ``after`` changes.
        """
        ...

    def paced(self) -> Iterable[Health]:
        """Every webhook that deliveries may be waiting on."""
        ...


# -- events and their fan-out ----------------------------------------------------------------------


class Events(Protocol):
    """The accepted events."""

    def accept(self, event: Event) -> bool:
        """Makes the event durable; False when its id was accepted before and has not expired."""
        ...

    def get(self, tenant: TenantId, event_id: EventId) -> Event | None: ...


class Subscriptions(Protocol):
    """Who subscribes to what."""

    def under(self, tenant: TenantId, patterns: Sequence[str]) -> Sequence[Subscription]:
        """All subscriptions under any of the patterns, read consistently."""
        ...


class FanOuts(Protocol):
    """The records of fan-outs, which also list a tenant's events by time."""

    def claim(self, fan_out: FanOut, further: Sequence[Sequence[Match]]) -> bool:
        """Writes the record, its further chunks first; False when another run's claim stands."""
        ...

    def get(self, tenant: TenantId, accepted_at: datetime, event: EventId) -> FanOut | None: ...

    def chunk(self, fan_out: FanOut, number: int) -> Sequence[Match]:
        """The matches of one chunk; number 0 is the record's own."""
        ...

    def lease(self, fan_out: FanOut, number: int, holder: str, now: datetime) -> Lease:
        """Takes one chunk for a lease from ``now`` on, in one conditional write.

        HELD while another's lease runs; the claim holds chunk 0 for a lease from ``claimed_at`` on.
        The same holder asking once more, its reply lost, gets AGAIN.
        """
        ...

    def page(
        self,
        tenant: TenantId,
        limit: int,
        *,
        newest_first: bool = True,
        after: tuple[datetime, EventId] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Sequence[FanOut], tuple[datetime, EventId] | None]:
        """At most ``limit`` accepted at ``since`` or later and before ``until``.

        Then where to go on: what comes next as ``after``.
        """
        ...


# -- deliveries ------------------------------------------------------------------------------------


class NewDeliveries(Protocol):
    """Creates deliveries in batches."""

    def create(self, deliveries: Sequence[Delivery]) -> None:
        """Writes them all, over whatever stands: only for those that nobody else can have made."""
        ...


class Deliveries(Protocol):
    """Deliveries by their keys, many at once and read consistently."""

    def get_many(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Delivery]:
        """Those that exist and can be read, bodies included: ask for no more than memory holds."""
        ...

    def progress(self, keys: Sequence[DeliveryKey]) -> Mapping[DeliveryKey, Progress]:
        """How far those are that exist, some bytes each.

        One that cannot be read is under way: nobody may create it anew.
        """
        ...


@dataclass(frozen=True, slots=True)
class Replaced:
    """``after`` stands."""


@dataclass(frozen=True, slots=True)
class Outrun:
    """Somebody else changed the delivery first: ``current`` is what stands, None if it is gone."""

    current: Delivery | None


class DeliveryChanges(Protocol):
    """The one way a delivery changes: compare and set."""

    def get(self, key: DeliveryKey) -> Delivery | None: ...

    def replace(self, before: Delivery, after: Delivery) -> Replaced | Outrun:
        """Puts ``after`` in place of ``before`` in one conditional write.

        The fence is status, generation, sequence, attempt_count and the due time of ``before``.
        When ``after`` has made a further attempt, the last attempt of ``before`` moves to the
        attempts first. A repeat of the same replacement, its reply lost, answers Replaced.
        """
        ...


class DeliveryLog(Protocol):
    """A webhook's deliveries, newest first."""

    def page(
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
    ) -> tuple[Sequence[Delivery], DeliveryId | None]:
        """At most ``limit`` that pass the filters; then where to go on.

        Created at ``since`` or later and before ``until``. Bodies, headers and activations are left
        out: to change one of them, `DeliveryChanges.get` it first. A page may hold fewer than
        ``limit`` and still go on.
        """
        ...

    def attempts(self, delivery: Delivery, limit: int) -> Sequence[Attempt]:
        """Its last ``limit`` attempts in order, the one in ``delivery`` included."""
        ...


class Due(Protocol):
    """The sparse index of what waits. It may lag: a stale entry loses at `DeliveryChanges`."""

    def on_the_clock(self, now: datetime, limit: int) -> Sequence[DeliveryKey]:
        """What was due before ``now``, longest first."""
        ...

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int
    ) -> Sequence[DeliveryKey]:
        """What waits on a webhook, longest due first."""
        ...

    def expired_on_webhook(
        self,
        tenant: TenantId,
        webhook_id: WebhookId,
        now: datetime,
        limit: int,
        *,
        thorough: bool = True,
    ) -> Sequence[DeliveryKey]:
        """What waits on a webhook past its age.

        Unless ``thorough``, of the some thousands that are due longest only: all for one read.
        """
        ...


# -- sending ---------------------------------------------------------------------------------------


class Snapshots(Protocol):
    """Reads for a whole batch of tasks at once."""

    def load(self, tasks: Sequence[DeliveryTask]) -> Sequence[Snapshot]:
        """One for each task, in order, read consistently but for health, which may lag a moment."""
        ...


class FirstAttempts(Protocol):
    """The delivery queue: first attempts, nothing hidden, fair between webhooks."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None: ...


class RetryTimers(Protocol):
    """The retry queue: each message comes back when its wait is over."""

    def send(self, waits: Sequence[tuple[DeliveryTask, timedelta]]) -> None: ...

    def extend(self, waits: Sequence[tuple[str, timedelta]]) -> Sequence[str]:
        """Hides received messages, by receipt handle, for so long; answers those it could not."""
        ...


class DeadLetters(Protocol):
    """The dead-letter queue of deliveries."""

    def send(self, task: DeliveryTask, reason: str) -> None: ...
    def send_many(self, letters: Sequence[tuple[DeliveryTask, str]]) -> None:
        """Each task with its reason; some may have been sent when it raises."""
        ...

    def set_aside(self, body: str, reason: str) -> None:
        """A message that cannot be processed, as it came."""
        ...


class FanOutSteps(Protocol):
    """The queue through which a large fan-out goes on."""

    def send(self, tasks: Sequence[FanOutTask]) -> None: ...
