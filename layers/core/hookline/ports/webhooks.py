"""Webhooks, their secrets, their subscriptions and their health."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hookline.domain.ids import DeliveryId, TenantId, WebhookId
    from hookline.domain.webhook.health import Health
    from hookline.domain.webhook.webhook import (
        Subscription,
        SubscriptionPage,
        Webhook,
        WebhookSecrets,
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """The webhook, its name and its subscriptions are stored, all or nothing."""


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


class CountedWebhooks(Webhooks, Protocol):
    """The same for those who create more of them."""

    def count(self, tenant: TenantId) -> int:
        """How many there are, read consistently."""
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


class Subscriptions(Protocol):
    """Who subscribes to what."""

    def under(self, tenant: TenantId, patterns: Sequence[str]) -> Sequence[Subscription]:
        """All subscriptions under any of the patterns that can be read, read consistently."""
        ...

    def page(
        self, tenant: TenantId, pattern: str, limit: int, after: WebhookId | None
    ) -> SubscriptionPage:
        """At most ``limit`` under one pattern, in the order of their webhooks, consistently."""
        ...

    def versions(self, tenants: Collection[TenantId]) -> Mapping[TenantId, str | None]:
        """A value that changes with every change of a tenant's subscriptions, read consistently.

        None for a tenant that has not changed any since versions exist. A tenant whose version
        cannot be read is left out.
        """
        ...


class FilterFailureCounts(Protocol):
    """How often the filters of webhooks failed, kept with their health."""

    def add(
        self, tenant: TenantId, webhook_id: WebhookId, count: int, why: str, at: datetime
    ) -> None:
        """Raises Unavailable at once if it is refused, without a second try."""
        ...


class WebhookHealth(Protocol):
    """The health records, kept apart from the configuration."""

    def get_many(self, keys: Sequence[tuple[TenantId, WebhookId]]) -> Sequence[Health]:
        """One for each key, in order; a healthy one if nothing is stored."""
        ...

    def get_some(self, keys: Sequence[tuple[TenantId, WebhookId]]) -> Sequence[Health]:
        """As `get_many`, without those that are throttled: the others need not wait for them."""
        ...

    def add_failures(
        self, tenant: TenantId, webhook_id: WebhookId, failed: Sequence[DeliveryId], at: datetime
    ) -> Health:
        """Counts one failure for each of ``failed`` and answers with the sum, in one write."""
        ...

    def replace(self, before: Health, after: Health) -> bool:
        """Replaces ``before`` by ``after``; False if somebody else changed it.

        The fence is the version, which grows by one. Failures added meanwhile do not change it, and
        are kept except in fields that ``after`` changes.
        """
        ...

    def troubled(self, tenant: TenantId) -> Sequence[Health]:
        """Those of a tenant's webhooks that ever failed or on which deliveries may wait.

        Of some three thousand, as many as one read looks at; those that failed last come first.
        """
        ...

    def mark_slow(self, tenant: TenantId, webhook_id: WebhookId, at: datetime) -> None:
        """Tells every sender that a call to it waits for long, whatever else changes."""
        ...

    def with_waiting(self) -> Iterable[Health]:
        """Every webhook on which deliveries may wait."""
        ...
