"""Tenants, principals and keys as they are stored, for tests."""

from __future__ import annotations

from typing import Any

from hookline.domain.identity.identity import ApiKey, StoredPrincipal, Tenant
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import PrincipalId
from tests.builders import NOW, PRINCIPAL, TENANT, an_id


def a_tenant(**overrides: Any) -> Tenant:
    values: dict[str, Any] = {
        "id": TENANT,
        "name": "Acme",
        "created_at": NOW,
        "created_by": PRINCIPAL,
        "updated_at": NOW,
    }
    return Tenant(**(values | overrides))


def a_stored_principal(**overrides: Any) -> StoredPrincipal:
    tenant = overrides.pop("tenant", TENANT)
    stored = {"created_at": NOW, "created_by": PRINCIPAL, "updated_at": NOW, "tenant": tenant}
    for name in ("key_ids", "version"):
        if name in overrides:
            stored[name] = overrides.pop(name)
    principal: dict[str, Any] = {"id": PrincipalId(an_id("prn")), "tenant": tenant, "name": "ci"}
    return StoredPrincipal(**stored, principal=Principal(**(principal | overrides)))


def a_key(owner: StoredPrincipal, **overrides: Any) -> ApiKey:
    values: dict[str, Any] = {
        "id": an_id("key"),
        "tenant": owner.tenant,
        "principal_id": owner.principal.id,
        "digest": "d" * 64,
        "created_at": NOW,
    }
    return ApiKey(**(values | overrides))
