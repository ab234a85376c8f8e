"""The one gate every route passes: may this caller do this here?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from hookline.domain.identity.rights import (
    NEEDS,
    Action,
    Allowed,
    Forbidden,
    Hidden,
    Level,
    OnPlatform,
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
    """Lets an act pass. Raises Forbidden, or NotFound where the caller may not even look."""

    def __call__(
        self,
        principal: Principal,
        tenant: TenantId | None,
        action: Action,
        webhook_id: WebhookId | None = None,
    ) -> Principal:
        """An act on a webhook names it; one on the platform has no tenant.

        Returns the caller with the levels that were decided on.
        """
        ...


class Authorize:
    """Lets a request pass or raises; the rules themselves are `rights.decide`.

    The caller's principal may be up to 60 seconds old, so a denial is decided again on the
    stored one: what was granted works at once, and only what is denied costs the read. Levels on
    single webhooks are read when the decision hangs on them.
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
        """Returns the caller as it was decided on: hand that one to `visible`.

        Raises `hookline.errors.NotFound` when tenant or webhook do not exist or may not be seen,
        and `hookline.errors.Forbidden` when they may be but the right is missing.
        That an allowed caller's webhook exists, or the tenant of an act on the platform, is left to
        whoever loads it.
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
            # Whoever is told "forbidden" here sees the webhook, and may know that there is none.
            if tenant and webhook_id and self._webhooks.get(tenant, webhook_id) is None:
                raise NotFound
            raise ForbiddenError(decision.detail)
        return caller

    def visible(
        self, principal: Principal, tenant: TenantId, webhook_ids: Sequence[WebhookId]
    ) -> frozenset[WebhookId]:
        """Those of the webhooks, at most 100, that the principal may know of."""
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
        """The level that counts, of those of at most 100 webhooks that the principal may know of.

        One read more than `visible` for whoever has a level in the tenant: its own may be another.
        """
        settled = principal.global_admin or principal.level is Level.ADMIN
        if webhook_ids and principal.tenant == tenant and not settled:
            own = self._rights.levels(tenant, principal.id, webhook_ids)
            principal = replace(principal, webhook_levels=own)
        found = ((each, effective_level(principal, tenant, each)) for each in webhook_ids)
        return {webhook_id: effective.level for webhook_id, effective in found if effective}

    def becomes_admin(self, creator: Principal, tenant: TenantId, webhook_id: WebhookId) -> None:
        """Makes the creator admin of the webhook (reference row IZ-9).

        Call it before the webhook is written: a level on a webhook that never came to be harms
        nobody, a webhook its creator may not delete does. The root key and global admins of other
        tenants need none.
        """
        if creator.tenant == tenant:
            self._rights.put(tenant, creator.id, webhook_id, Level.ADMIN)

    def _there(self, tenant: TenantId | None, action: Action) -> bool:
        # Acts on the platform are about tenants themselves, one that is being closed too.
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
        """The principal with those of its levels on webhooks that this decision hangs on."""
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
