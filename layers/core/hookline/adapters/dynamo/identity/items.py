"""The kinds of items in the ``principals`` table: PynamoDB models, and domain values of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.models import Model

from hookline.adapters.dynamo.table import keys
from hookline.domain.identity.identity import ApiKey, StoredPrincipal
from hookline.domain.identity.rights import Level, Principal
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import from_iso, iso

type Place = dict[str, dict[str, str]]
"""Where a query goes on, as DynamoDB takes it."""


class Item(Model):
    """What all kinds share: the table's key."""

    owner = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)


class PrincipalItem(Item):
    """A principal."""

    name = UnicodeAttribute()
    level = UnicodeAttribute(null=True)
    default_webhook_level = UnicodeAttribute(null=True)
    global_admin = BooleanAttribute(default=False)
    key_ids = ListAttribute(of=UnicodeAttribute)
    sessions_ended_at = UnicodeAttribute(null=True)
    version = NumberAttribute()
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()
    updated_at = UnicodeAttribute()


class KeyItem(Item):
    """An API key, by its digest."""

    tenant = UnicodeAttribute()
    principal_id = UnicodeAttribute()
    digest = UnicodeAttribute()
    created_at = UnicodeAttribute()
    expires_at = UnicodeAttribute(null=True)
    last_used_at = UnicodeAttribute(null=True)


class RightItem(Item):
    """A principal's level on one webhook."""

    level = UnicodeAttribute()


def place(tenant: TenantId, item: str | None) -> Place | None:
    """Right after this item; None: at the beginning."""
    return None if item is None else {"owner": {"S": tenant}, "item": {"S": item}}


def principal_attributes(stored: StoredPrincipal) -> dict[str, Any]:
    """The attributes of a principal's item."""
    principal = stored.principal
    return {
        "owner": stored.tenant,
        "item": principal.id,
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


def to_principal(item: PrincipalItem) -> StoredPrincipal:
    """The principal of an item."""
    tenant = TenantId(item.owner)
    return StoredPrincipal(
        tenant=tenant,
        principal=Principal(
            id=PrincipalId(item.item),
            tenant=tenant,
            name=item.name,
            level=_level(item.level),
            default_webhook_level=_level(item.default_webhook_level),
            global_admin=item.global_admin,
        ),
        key_ids=tuple(str(key_id) for key_id in item.key_ids),
        sessions_ended_at=_instant(item.sessions_ended_at),
        version=int(item.version),
        created_at=from_iso(item.created_at),
        created_by=PrincipalId(item.created_by),
        updated_at=from_iso(item.updated_at),
    )


def key_attributes(key: ApiKey) -> dict[str, Any]:
    """The attributes of a key's item."""
    return {
        "owner": key.id,
        "item": keys.KEY_ITEM,
        "tenant": key.tenant,
        "principal_id": key.principal_id,
        "digest": key.digest,
        "created_at": iso(key.created_at),
        "expires_at": _iso(key.expires_at),
        "last_used_at": _iso(key.last_used_at),
    }


def to_key(item: KeyItem) -> ApiKey:
    """The key of an item."""
    return ApiKey(
        id=item.owner,
        tenant=TenantId(item.tenant),
        principal_id=PrincipalId(item.principal_id),
        digest=item.digest,
        created_at=from_iso(item.created_at),
        expires_at=_instant(item.expires_at),
        last_used_at=_instant(item.last_used_at),
    )


def _text(level: Level | None) -> str | None:
    return None if level is None else level.value


def _level(text: str | None) -> Level | None:
    return None if text is None else Level(text)


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else iso(instant)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)
