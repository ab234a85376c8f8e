"""Tenants, principals, keys and rights as JSON."""

from __future__ import annotations

from hookline.domain.identity.acts import Level
from hookline.domain.identity.identity import ApiKey, StoredPrincipal, Tenant
from hookline.domain.times import iso
from hookline.services.identity.manage_rights import Holder


def tenant_json(tenant: Tenant) -> dict[str, object]:
    """A tenant."""
    return {
        "id": tenant.id,
        "name": tenant.name,
        "created_at": iso(tenant.created_at),
        "created_by": tenant.created_by,
        "updated_at": iso(tenant.updated_at),
    }


def principal_json(stored: StoredPrincipal) -> dict[str, object]:
    """A principal."""
    principal = stored.principal
    return {
        "id": principal.id,
        "tenant": stored.tenant,
        "name": principal.name,
        "level": _level(principal.level),
        "default_webhook_level": _level(principal.default_webhook_level),
        "global_admin": principal.global_admin,
        "created_at": iso(stored.created_at),
        "created_by": stored.created_by,
        "updated_at": iso(stored.updated_at),
    }


def key_json(key: ApiKey) -> dict[str, object]:
    """A key without its text, which is not stored."""
    return {
        "id": key.id,
        "created_at": iso(key.created_at),
        "expires_at": None if key.expires_at is None else iso(key.expires_at),
        "last_used_at": None if key.last_used_at is None else iso(key.last_used_at),
    }


def right_json(holder: Holder) -> dict[str, object]:
    """A level on a webhook."""
    return {
        "principal_id": holder.principal_id,
        "name": holder.name,
        "level": holder.right.level.value,
        "via": holder.right.via,
    }


def _level(level: Level | None) -> str | None:
    return None if level is None else level.value
