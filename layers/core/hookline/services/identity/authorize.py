"""The one gate that every route passes: may this caller do this here?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from hookline.domain.identity.acts import NEEDS, Action, Level, OnPlatform
from hookline.domain.identity.rights import (
    Allowed,
    Forbidden,
    Hidden,
    Principal,
    decide,
    effective_level,
)
from hookline.domain.ids import TenantId, WebhookId, is_id
from hookline.errors import Forbidden as ForbiddenError
from hookline.errors import NotFound
from hookline.ports.identity import Principals, WebhookRights
from hookline.ports.webhooks import Webhooks


class TenantExists(Protocol):
    """Whether a tenant is there; `KnownTenants` in production."""

    def __call__(self, tenant: TenantId) -> bool:
        """True only while it is active."""
        ...


class Gate(Protocol):
    """Allows an act or raises: Forbidden, or NotFound if the caller may not even look."""

    def __call__(
        self,
        principal: Principal,
        tenant: TenantId | None,
        action: Action,
        webhook_id: WebhookId | None = None,
    ) -> Principal:
        """An act on a webhook names it; one on the platform has no tenant.

        Returns the caller with the levels that the decision used.
        """
        ...


class Authorize:
    """Allows a request or raises; the rules themselves are `rights.decide`.

    The caller's principal may be up to 60 seconds old, so a denial is decided again on the stored
    one: new rights work at once, and only denials cost the read. Levels on single webhooks are read
    if the decision depends on them.
    """

    def __init__(
        self,
        *,
        tenant_exists: TenantExists,
        principals: Principals,
        rights: WebhookRights,
        webhooks: Webhooks,
    ) -> None:
        self._tenant_exists = tenant_exists
        self._principals = principals
        self._rights = rights
        self._webhooks = webhooks

    def __call__(
        self,
        principal: Principal,
        tenant: TenantId | None,
        action: Action,
        webhook_id: WebhookId | None = None,
    ) -> Principal:
        """Returns the caller with the levels that were read: pass that one to `visible`.

        Raises `hookline.errors.NotFound` if tenant or webhook do not exist or may not be seen, and
        `hookline.errors.Forbidden` if they may but the right is missing. Whether an allowed
        caller's webhook exists, or the tenant of an act on the platform, is checked by whoever
        loads it.
        """
        if webhook_id is not None and not is_id("wh", webhook_id):
            raise NotFound
        caller = self._informed(principal, tenant, webhook_id)
        decision = decide(caller, tenant, webhook_id, action)
        if not isinstance(decision, Allowed) and caller.tenant is not None:
            caller = self._informed(self._stored(caller), tenant, webhook_id)
            decision = decide(caller, tenant, webhook_id, action)
        if isinstance(decision, Hidden) or not self._there(tenant, action):
            raise NotFound
        if isinstance(decision, Forbidden):
            # Whoever gets "forbidden" here may see the webhook, and may know that there is none.
            if tenant and webhook_id and self._webhooks.get(tenant, webhook_id) is None:
                raise NotFound
            raise ForbiddenError(decision.detail)
        return caller

    def visible(
        self, principal: Principal, tenant: TenantId, webhook_ids: Sequence[WebhookId]
    ) -> frozenset[WebhookId]:
        """Those of up to 100 webhooks that the principal may know of."""
        if principal.global_admin:
            return frozenset(webhook_ids)
        if principal.tenant != tenant or not webhook_ids:
            return frozenset()
        if principal.level is not None or principal.default_webhook_level is not None:
            return frozenset(webhook_ids)
        return frozenset(self._rights.levels(tenant, principal.id, webhook_ids))

    def levels(
        self, principal: Principal, tenant: TenantId, webhook_ids: Sequence[WebhookId]
    ) -> Mapping[WebhookId, Level]:
        """The effective levels on those of up to 100 webhooks that the principal may know of.

        Takes one read more than `visible` for whoever has a level in the tenant, since its own
        level on a webhook may differ.
        """
        settled = principal.global_admin or principal.level is Level.ADMIN
        if webhook_ids and principal.tenant == tenant and not settled:
            own = self._rights.levels(tenant, principal.id, webhook_ids)
            principal = replace(principal, webhook_levels=own)
        found = ((each, effective_level(principal, tenant, each)) for each in webhook_ids)
        return {webhook_id: effective.level for webhook_id, effective in found if effective}

    def becomes_admin(self, creator: Principal, tenant: TenantId, webhook_id: WebhookId) -> None:
        """Makes the creator admin of the webhook (reference row IZ-9).

        Call it before the webhook is written: a level on a webhook that was never created does no
        harm, but a webhook that its creator may not delete does. The root key and global admins of
        other tenants need none.
        """
        if creator.tenant == tenant:
            self._rights.put(tenant, creator.id, webhook_id, Level.ADMIN)

    def _there(self, tenant: TenantId | None, action: Action) -> bool:
        # Acts on the platform concern tenants themselves, even one that is being closed.
        on_platform = isinstance(NEEDS[action], OnPlatform)
        return tenant is None or on_platform or self._tenant_exists(tenant)

    def _stored(self, principal: Principal) -> Principal:
        if principal.tenant is None:
            return principal
        stored = self._principals.get(principal.tenant, principal.id)
        if stored is None:  # deleted since it was cached
            return replace(
                principal,
                level=None,
                default_webhook_level=None,
                webhook_levels={},
                global_admin=False,
            )
        return replace(stored.principal, credential=principal.credential)

    def _informed(
        self, principal: Principal, tenant: TenantId | None, webhook_id: WebhookId | None
    ) -> Principal:
        """The principal with those of its levels on webhooks that this decision depends on."""
        if principal.global_admin or tenant is None or principal.tenant != tenant:
            return principal
        if principal.level is Level.ADMIN:
            return principal
        if webhook_id is not None:
            own = self._rights.levels(tenant, principal.id, [webhook_id])
            return replace(principal, webhook_levels=own)
        if principal.level is None and principal.default_webhook_level is None:
            some, _ = self._rights.page(tenant, principal.id, 1, None)
            return replace(principal, webhook_levels=some)
        return principal
