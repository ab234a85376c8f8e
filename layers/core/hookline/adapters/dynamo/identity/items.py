"""The kinds of items in the ``principals`` table, and domain values of them."""

from __future__ import annotations

from datetime import datetime

from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item
from hookline.domain.identity.acts import Level
from hookline.domain.identity.identity import ApiKey, StoredPrincipal
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import from_iso, iso


def principal_to_item(stored: StoredPrincipal) -> Item:
    """A principal, with the ids of its keys."""
    principal = stored.principal
    return {
        **keys.principal(stored.tenant, principal.id),
        "name": principal.name,
        "level": _text(principal.level),
        "default_webhook_level": _text(principal.default_webhook_level),
        "global_admin": principal.global_admin,
        "key_ids": list(stored.key_ids),
        "sessions_ended_at": _iso(stored.sessions_ended_at),
        "version": stored.version,
        "created_at": iso(stored.created_at),
        "created_by": stored.created_by,
        "updated_at": iso(stored.updated_at),
    }


def principal_from_item(item: Item) -> StoredPrincipal:
    """The principal of an item."""
    tenant = TenantId(item["owner"])
    return StoredPrincipal(
        tenant=tenant,
        principal=Principal(
            id=PrincipalId(item["item"]),
            tenant=tenant,
            name=item["name"],
            level=_level(item.get("level")),
            default_webhook_level=_level(item.get("default_webhook_level")),
            global_admin=item["global_admin"],
        ),
        key_ids=tuple(item["key_ids"]),
        sessions_ended_at=_instant(item.get("sessions_ended_at")),
        version=item["version"],
        created_at=from_iso(item["created_at"]),
        created_by=PrincipalId(item["created_by"]),
        updated_at=from_iso(item["updated_at"]),
    )


def key_to_item(key: ApiKey) -> Item:
    """An API key, by its digest."""
    return {
        **keys.api_key(key.id),
        "tenant": key.tenant,
        "principal_id": key.principal_id,
        "digest": key.digest,
        "created_at": iso(key.created_at),
        "expires_at": _iso(key.expires_at),
        "last_used_at": _iso(key.last_used_at),
    }


def key_from_item(item: Item) -> ApiKey:
    """The key of an item."""
    return ApiKey(
        id=item["owner"],
        tenant=TenantId(item["tenant"]),
        principal_id=PrincipalId(item["principal_id"]),
        digest=item["digest"],
        created_at=from_iso(item["created_at"]),
        expires_at=_instant(item.get("expires_at")),
        last_used_at=_instant(item.get("last_used_at")),
    )


def _text(level: Level | None) -> str | None:
    return None if level is None else level.value


def _level(text: str | None) -> Level | None:
    return None if text is None else Level(text)


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else iso(instant)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)
