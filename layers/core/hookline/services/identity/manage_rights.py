"""The levels that principals have on one webhook (reference row IZ-9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hookline.domain.identity.acts import Level
from hookline.domain.identity.identity import StoredPrincipal
from hookline.domain.identity.rights import EffectiveLevel, effective_level
from hookline.domain.ids import PrincipalId, TenantId, WebhookId, is_id
from hookline.errors import NotFound
from hookline.ports.identity import Principals, WebhookRights
from hookline.ports.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Holder:
    """A principal with a level on the webhook, and where the level comes from."""

    principal_id: PrincipalId
    name: str
    right: EffectiveLevel


class ManageRights:
    """Lists, gives and takes levels on a webhook; the routes admit its admins."""

    def __init__(
        self, *, webhooks: Webhooks, principals: Principals, rights: WebhookRights
    ) -> None:
        self._webhooks = webhooks
        self._principals = principals
        self._rights = rights

    def holders(
        self, tenant: TenantId, webhook_id: WebhookId, limit: int, before: PrincipalId | None
    ) -> tuple[Sequence[Holder], PrincipalId | None]:
        """Those of up to ``limit`` principals that see the webhook, newest first.

        A page may be short and not the last. Global admins of other tenants and the root key are
        left out. Raises NotFound.
        """
        self._must_exist(tenant, webhook_id)
        further = before
        while True:
            page, further = self._principals.page(tenant, limit, further)
            holders = self._among(page, tenant, webhook_id)
            if further is None or holders:
                return holders, further

    def holder(self, tenant: TenantId, webhook_id: WebhookId, principal_id: PrincipalId) -> Holder:
        """One holder. Raises NotFound, also for a principal that does not see the webhook."""
        self._must_exist(tenant, webhook_id)
        found = self._principals.get(tenant, principal_id) if is_id("prn", principal_id) else None
        holders = self._among([] if found is None else [found], tenant, webhook_id)
        if not holders:
            raise NotFound
        return holders[0]

    def give(
        self, tenant: TenantId, webhook_id: WebhookId, principal_id: PrincipalId, level: Level
    ) -> None:
        """Sets a principal's own level. Raises NotFound for webhook or principal."""
        self._must_exist(tenant, webhook_id)
        if not is_id("prn", principal_id) or self._principals.get(tenant, principal_id) is None:
            raise NotFound
        self._rights.put(tenant, principal_id, webhook_id, level)

    def take(self, tenant: TenantId, webhook_id: WebhookId, principal_id: PrincipalId) -> None:
        """Removes a principal's own level. Raises NotFound if it has none."""
        self._must_exist(tenant, webhook_id)
        if not is_id("prn", principal_id) or not self._rights.remove(
            tenant, principal_id, webhook_id
        ):
            raise NotFound

    def _among(
        self, page: Sequence[StoredPrincipal], tenant: TenantId, webhook_id: WebhookId
    ) -> Sequence[Holder]:
        own = self._rights.on_webhook(tenant, webhook_id, [each.principal.id for each in page])
        holders = []
        for stored in page:
            level = own.get(stored.principal.id)
            levels = {} if level is None else {webhook_id: level}
            principal = replace(stored.principal, webhook_levels=levels)
            right = effective_level(principal, tenant, webhook_id)
            if right is not None:
                holders.append(Holder(principal.id, principal.name, right))
        return holders

    def _must_exist(self, tenant: TenantId, webhook_id: WebhookId) -> None:
        if self._webhooks.get(tenant, webhook_id) is None:
            raise NotFound
