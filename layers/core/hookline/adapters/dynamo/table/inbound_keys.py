"""The keys of the inbound tables, as `keys` has those of the others."""

from __future__ import annotations

from hookline.adapters.dynamo.table.attributes import Item
from hookline.domain.ids import MessageId, TenantId
from hookline.domain.inbound.ids import ProviderId

PROVIDER_PREFIX = "prv_"
FUNCTION_PREFIX = "fn_"

SEQUENCE_ITEM = "sequence"
"""In ``inbound-providers``: the order in which all providers of a tenant are tried, in one item."""


def message(tenant: TenantId, message_id: MessageId) -> Item:
    """In ``inbound-messages``."""
    return {"tenant": tenant, "id": message_id}


def message_body(tenant: TenantId, message_id: MessageId) -> Item:
    """In ``inbound-messages``: a large body, apart so that lists and updates do not carry it."""
    return {"tenant": f"{tenant}#bodies", "id": message_id}


def signature(tenant: TenantId, provider_id: ProviderId, digest: str) -> str:
    """In ``inbound-signatures``: one signature that one provider was sent."""
    return f"{tenant}#{provider_id}#{digest}"
