"""Tenants, principals, keys, rights and quotas in memory: what the DynamoDB stores do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hookline.domain.identity.acts import Level
from hookline.domain.identity.identity import ApiKey, StoredPrincipal, Tenant, TenantState
from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from hookline.domain.times import iso


@dataclass
class Identities:
    """What all identity ports but `Allotments` share; ``reads`` lists the look-ups."""

    tenants: dict[TenantId, Tenant] = field(default_factory=dict)
    principals: dict[tuple[TenantId, PrincipalId], StoredPrincipal] = field(default_factory=dict)
    keys: dict[str, ApiKey] = field(default_factory=dict)
    rights: dict[tuple[TenantId, PrincipalId, WebhookId], Level] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)


class InMemoryTenants:
    """`Tenants` and `TenantChanges`."""

    def __init__(self, all_of_it: Identities) -> None:
        self._all = all_of_it

    def get(self, tenant: TenantId) -> Tenant | None:
        self._all.reads.append(f"tenant {tenant}")
        return self._all.tenants.get(tenant)

    def page(self, limit: int, before: str | None) -> tuple[Sequence[Tenant], str | None]:
        rows = [
            (f"{iso(tenant.created_at)}#{tenant.id}", tenant)
            for tenant in self._all.tenants.values()
            if tenant.state is not TenantState.CLOSED
        ]
        return _page(sorted(rows, key=lambda row: row[0], reverse=True), limit, before)

    def create(self, tenant: Tenant) -> bool:
        stands = self._all.tenants.setdefault(tenant.id, tenant)
        return stands == tenant

    def replace(self, before: Tenant, after: Tenant) -> bool:
        stands = self._all.tenants.get(before.id)
        if stands == before:
            self._all.tenants[before.id] = after
        return stands in (before, after)


class InMemoryPrincipals:
    """`Principals` and `PrincipalChanges`."""

    def __init__(self, all_of_it: Identities) -> None:
        self._all = all_of_it

    def get(self, tenant: TenantId, principal_id: PrincipalId) -> StoredPrincipal | None:
        self._all.reads.append(f"principal {principal_id}")
        return self._all.principals.get((tenant, principal_id))

    def page(
        self, tenant: TenantId, limit: int, before: PrincipalId | None
    ) -> tuple[Sequence[StoredPrincipal], PrincipalId | None]:
        newest = sorted(
            (p for p in self._all.principals.values() if p.tenant == tenant),
            key=lambda p: p.principal.id,
            reverse=True,
        )
        return _page([(p.principal.id, p) for p in newest], limit, before)

    def create(self, principal: StoredPrincipal) -> None:
        self._all.principals[principal.tenant, principal.principal.id] = principal

    def replace(
        self,
        before: StoredPrincipal,
        after: StoredPrincipal,
        *,
        new_key: ApiKey | None = None,
        gone_keys: Sequence[str] = (),
    ) -> bool:
        place = (before.tenant, before.principal.id)
        stands = self._all.principals.get(place)
        if stands == after:
            return True
        if stands is None or stands.version != before.version:
            return False
        self._all.principals[place] = after
        if new_key is not None:
            self._all.keys[new_key.id] = new_key
        for key_id in gone_keys:
            self._all.keys.pop(key_id, None)
        return True

    def delete(self, principal: StoredPrincipal) -> bool:
        place = (principal.tenant, principal.principal.id)
        stands = self._all.principals.get(place)
        if stands is None:
            return True
        if stands.version != principal.version:
            return False
        del self._all.principals[place]
        for key_id in principal.key_ids:
            self._all.keys.pop(key_id, None)
        for right in [r for r in self._all.rights if r[:2] == place]:
            del self._all.rights[right]
        return True


class InMemoryApiKeys:
    """`ApiKeys`."""

    def __init__(self, all_of_it: Identities) -> None:
        self._all = all_of_it

    def find(self, key_id: str) -> ApiKey | None:
        self._all.reads.append(f"key {key_id}")
        return self._all.keys.get(key_id)

    def used(self, key: ApiKey, at: datetime) -> None:
        if key.id in self._all.keys:
            self._all.keys[key.id] = replace(self._all.keys[key.id], last_used_at=at)


class InMemoryWebhookRights:
    """`WebhookRights`."""

    def __init__(self, all_of_it: Identities) -> None:
        self._all = all_of_it

    def levels(
        self, tenant: TenantId, principal_id: PrincipalId, webhook_ids: Sequence[WebhookId]
    ) -> Mapping[WebhookId, Level]:
        self._all.reads.append(f"levels {principal_id}")
        found = {w: self._all.rights.get((tenant, principal_id, w)) for w in webhook_ids}
        return {w: level for w, level in found.items() if level is not None}

    def page(
        self, tenant: TenantId, principal_id: PrincipalId, limit: int, before: WebhookId | None
    ) -> tuple[Mapping[WebhookId, Level], WebhookId | None]:
        self._all.reads.append(f"rights {principal_id}")
        newest = sorted(
            (
                (webhook_id, level)
                for (of_tenant, of_principal, webhook_id), level in self._all.rights.items()
                if (of_tenant, of_principal) == (tenant, principal_id)
            ),
            reverse=True,
            key=lambda right: right[0],
        )
        found, further = _page([(right[0], right) for right in newest], limit, before)
        return dict(found), further

    def on_webhook(
        self, tenant: TenantId, webhook_id: WebhookId, principal_ids: Sequence[PrincipalId]
    ) -> Mapping[PrincipalId, Level]:
        found = {p: self._all.rights.get((tenant, p, webhook_id)) for p in principal_ids}
        return {p: level for p, level in found.items() if level is not None}

    def put(
        self, tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId, level: Level
    ) -> None:
        self._all.rights[tenant, principal_id, webhook_id] = level

    def remove(self, tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId) -> bool:
        return self._all.rights.pop((tenant, principal_id, webhook_id), None) is not None


class InMemoryAllotments:
    """`Allotments`; ``draws`` counts the writes."""

    def __init__(self) -> None:
        self.counters: dict[str, int] = {}
        self.draws = 0

    def draw(self, counter: str, amount: int, limit: int, expires_at: datetime) -> bool:
        self.draws += 1
        if self.counters.get(counter, 0) + amount > limit:
            return False
        self.counters[counter] = self.counters.get(counter, 0) + amount
        return True


def _page[Key: str, Value](
    rows: Sequence[tuple[Key, Value]], limit: int, before: Key | None
) -> tuple[Sequence[Value], Key | None]:
    older = [row for row in rows if before is None or row[0] < before]
    further = older[limit - 1][0] if len(older) > limit else None
    return [value for _, value in older[:limit]], further
