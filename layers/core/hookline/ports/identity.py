"""Tenants, principals, their keys and their rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hookline.domain.identity.acts import Level
    from hookline.domain.identity.identity import ApiKey, StoredPrincipal, Tenant
    from hookline.domain.ids import PrincipalId, TenantId, WebhookId


class Tenants(Protocol):
    """The tenants."""

    def get(self, tenant: TenantId) -> Tenant | None:
        """The tenant, a closing or closed one too."""
        ...

    def page(self, limit: int, before: str | None) -> tuple[Sequence[Tenant], str | None]:
        """At most ``limit`` that are not closed, newest first; then where to go on.

        ``before`` is what the page before said there, None at the beginning.
        """
        ...


class TenantChanges(Protocol):
    """Creates and changes tenants."""

    def create(self, tenant: Tenant) -> bool:
        """False when the id is, or ever was, taken by another; nothing was written then."""
        ...

    def replace(self, before: Tenant, after: Tenant) -> bool:
        """False when ``before`` is no longer what stands; nothing was written then."""
        ...


class Principals(Protocol):
    """A tenant's principals."""

    def get(self, tenant: TenantId, principal_id: PrincipalId) -> StoredPrincipal | None:
        """Read consistently."""
        ...

    def page(
        self, tenant: TenantId, limit: int, before: PrincipalId | None
    ) -> tuple[Sequence[StoredPrincipal], PrincipalId | None]:
        """At most ``limit``, newest first, older than ``before``; then where to go on."""
        ...


class PrincipalChanges(Protocol):
    """Writes a principal, and its keys with it, in one transaction; fenced by its version."""

    def create(self, principal: StoredPrincipal) -> None:
        """Writes a principal with an id of its own, and no keys yet."""
        ...

    def replace(
        self,
        before: StoredPrincipal,
        after: StoredPrincipal,
        *,
        new_key: ApiKey | None = None,
        gone_keys: Sequence[str] = (),
    ) -> bool:
        """False when ``before`` is no longer what stands; nothing was written then."""
        ...

    def delete(self, principal: StoredPrincipal) -> bool:
        """Removes it, its keys and its rights; False when it has changed."""
        ...


class ApiKeys(Protocol):
    """Keys by their ids."""

    def find(self, key_id: str) -> ApiKey | None:
        """One read, expired keys too."""
        ...

    def used(self, key: ApiKey, at: datetime) -> None:
        """Notes when the key was last used; does nothing when it is gone."""
        ...


class WebhookRights(Protocol):
    """The levels that principals of a tenant have on single webhooks."""

    def levels(
        self, tenant: TenantId, principal_id: PrincipalId, webhook_ids: Sequence[WebhookId]
    ) -> Mapping[WebhookId, Level]:
        """Those of at most 100 webhooks that the principal has a level of its own on."""
        ...

    def page(
        self, tenant: TenantId, principal_id: PrincipalId, limit: int, before: WebhookId | None
    ) -> tuple[Mapping[WebhookId, Level], WebhookId | None]:
        """At most ``limit`` of all of them, newest webhook first; then where to go on."""
        ...

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, principal_ids: Sequence[PrincipalId]
    ) -> Mapping[PrincipalId, Level]:
        """The own levels on one webhook of at most 100 principals."""
        ...

    def put(
        self, tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId, level: Level
    ) -> None:
        """Gives the level, in place of the one there may be."""
        ...

    def remove(self, tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId) -> bool:
        """False when there was none."""
        ...
