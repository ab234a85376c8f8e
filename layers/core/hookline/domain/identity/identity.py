"""Tenants, the stored side of principals, and their keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from hookline.domain.ids import PrincipalId, TenantId

if TYPE_CHECKING:
    from hookline.domain.identity.rights import Principal

MAX_LIVE_KEYS = 2
"""How many keys of one principal work at the same time: enough to rotate without a gap."""


class TenantState(StrEnum):
    """``closing`` while what belongs to it is removed, ``closed`` for good: ids are never reused.

    Events, deliveries and messages outlive their tenant by their retention; a new tenant under an
    old id could read them.
    """

    ACTIVE = "active"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One tenant. All else belongs to exactly one."""

    id: TenantId
    name: str
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime
    state: TenantState = TenantState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPrincipal:
    """A principal as its tenant stores it, without its levels on single webhooks.

    ``key_ids`` are its keys that were not revoked, oldest first; no other key works. Sessions
    issued up to ``sessions_ended_at`` are over. ``version`` fences concurrent changes.
    """

    tenant: TenantId
    principal: Principal
    key_ids: tuple[str, ...] = ()
    sessions_ended_at: datetime | None = None
    version: int = 1
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is stored of a key: its ``digest`` (see `api_keys`), never the key itself."""

    id: str
    tenant: TenantId
    principal_id: PrincipalId
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Whether it has expired at ``now``."""
        return self.expires_at is not None and self.expires_at <= now
