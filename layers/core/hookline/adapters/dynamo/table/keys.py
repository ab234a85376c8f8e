"""Every key of every table, so that what shares a partition can be seen at a glance.

Tenant ids hold no ``#`` ([a-z0-9-]), nor do ids that Hookline makes; texts that users choose come
last in a key.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from hookline.domain.ids import (
    DeliveryId,
    EventId,
    FunctionId,
    JobId,
    MessageId,
    PrincipalId,
    ProviderId,
    TenantId,
    WebhookId,
)
from hookline.domain.times import from_iso, iso

if TYPE_CHECKING:
    from hookline.domain.delivery.delivery import DeliveryKey, Waiting
    from hookline.domain.fan_out.fan_out import FanOut
    from hookline.domain.shards import Shards

type Key = dict[str, str]
"""A key's attributes, as plain Python."""

NAMES = (
    *("tenant", "item", "webhook_id", "log", "id", "accepted"),
    *("webhook", "job_id", "owner"),
)
"""What the attributes of keys are called, for a log line to say which item it is about."""

HAS_WAITING = "paced#0"
"""The one partition that lists the webhooks deliveries may wait on."""

RUNNING = "running#0"
"""The one partition that lists the recover jobs under way."""

TENANTS = "#tenants"
"""In ``principals``: the owner of a copy of each tenant, by age; see `listed`."""
TENANT_ITEM = "tenant"
KEY_ITEM = "key"
"""In ``principals``: what a tenant owns as itself, and what an API key's id does."""
PRINCIPAL_PREFIX = "prn_"

PROVIDER_PREFIX = "prv_"
FUNCTION_PREFIX = "fn_"
SEQUENCE_ITEM = "sequence"


def webhook(tenant: TenantId, webhook_id: WebhookId) -> Key:
    """In ``webhooks``: a configuration."""
    return {"tenant": tenant, "item": webhook_id}


NAME_PREFIX = "name#"
"""What the guards of names begin with: one for each webhook of a tenant."""


def webhook_name(tenant: TenantId, name: str) -> Key:
    """In ``webhooks``: the guard that keeps a name unique."""
    return {"tenant": tenant, "item": f"{NAME_PREFIX}{name}"}


def health(tenant: TenantId, webhook_id: WebhookId) -> Key:
    """In ``webhook-health``."""
    return {"tenant": tenant, "webhook_id": webhook_id}


def slots(tenant: TenantId, webhook_id: WebhookId) -> Key:
    """In ``webhook-health``: the next free slot of a rate limit, beside what it is the limit of."""
    return {"tenant": tenant, "webhook_id": f"{webhook_id}#slots"}


def bookmark(tenant: TenantId) -> Key:
    """In ``schedule``: how far the sweep has come through a tenant's fan-outs."""
    return {"name": f"sweep#{tenant}"}


def lease(name: str) -> Key:
    """In ``schedule``: who works on a piece of the scheduler's rounds."""
    return {"name": f"lease#{name}"}


def subscriptions(tenant: TenantId, pattern: str) -> str:
    """In ``subscriptions``: the partition of all who subscribe by this pattern."""
    return f"{tenant}#{pattern}"


def subscriptions_version(tenant: TenantId) -> Key:
    """In ``subscriptions``: what changes with every change of the tenant's. No pattern is empty."""
    return {"pattern": tenant, "webhook_id": "version"}


def subscription(tenant: TenantId, pattern: str, webhook_id: WebhookId) -> Key:
    """In ``subscriptions``: one webhook's."""
    return {"pattern": subscriptions(tenant, pattern), "webhook_id": webhook_id}


def event(tenant: TenantId, event_id: EventId) -> Key:
    """In ``events``."""
    return {"event": f"{tenant}#{event_id}"}


def accepted(accepted_at: datetime, event_id: EventId) -> str:
    """In ``fan-outs``: where an event stands among its tenant's, by time."""
    return f"{iso(accepted_at)}#{event_id}"


def accepted_at_of(accepted_key: str) -> datetime | None:
    """The time in what `accepted` made; None if somebody made it by hand."""
    try:
        return from_iso(accepted_key.partition("#")[0])
    except ValueError:
        return None


def chunk_aside(accepted_at: datetime, event_id: EventId, chunk: int) -> str:
    """In ``schedule``: a chunk of a large fan-out that the sweep passed and comes back to."""
    return f"{accepted(accepted_at, event_id)}#{chunk}"


def fan_out(tenant: TenantId, accepted_at: datetime, event_id: EventId, shards: Shards) -> Key:
    """In ``fan-outs``: the record of one event."""
    partition = _shard_of(tenant, shards.of(event_id, accepted_at))
    return {"tenant": partition, "accepted": accepted(accepted_at, event_id)}


def fan_outs(
    tenant: TenantId, since: datetime | None, until: datetime | None, shards: Shards
) -> Sequence[str]:
    """In ``fan-outs``: the partitions of a tenant's records accepted in this time."""
    return [_shard_of(tenant, shard) for shard in range(shards.between(since, until))]


def tenant_of(partition: str) -> TenantId:
    """Whose a partition of ``fan-outs`` is."""
    return TenantId(partition.partition("#")[0])


def fan_out_chunk(fan_out: FanOut, number: int, shards: Shards) -> Key:
    """In ``fan-outs``: a further chunk, apart from the records so that lists do not meet it."""
    shard = shards.of(fan_out.event_id, fan_out.accepted_at)
    return {
        "tenant": _shard_of(f"{fan_out.tenant}#chunks", shard),
        "accepted": f"{fan_out.event_id}#{fan_out.claim}#{number:04d}",
    }


def _shard_of(partition: str, shard: int) -> str:
    """The first has the name that the partition has without any."""
    return f"{partition}#{shard}" if shard else partition


def logs(
    tenant: TenantId, webhook_id: WebhookId, ids: tuple[str, str], shards: Shards
) -> Sequence[str]:
    """In ``deliveries``: the partitions of a webhook's log that ids from one to another are in."""
    return [_log(tenant, webhook_id, shard) for shard in range(shards.between_ids(*ids))]


def _log(tenant: TenantId, webhook_id: WebhookId, shard: int) -> str:
    return f"{tenant}#{webhook_id}#{shard}"


def delivery(key: DeliveryKey, shards: Shards) -> Key:
    """In ``deliveries``."""
    return {"log": _log(key.tenant, key.webhook_id, shards.of_id(key.id)), "id": key.id}


def delivery_key(log_key: str, delivery_id: str) -> DeliveryKey:
    """What `delivery` made the key of."""
    from hookline.domain.delivery.delivery import DeliveryKey  # noqa: PLC0415 - see `waiting`

    tenant, webhook_id, _ = log_key.split("#")
    return DeliveryKey(TenantId(tenant), WebhookId(webhook_id), DeliveryId(delivery_id))


def waiting_on_clock(shard: int) -> str:
    """In the index ``due``: one shard of what waits for a time."""
    return f"clock#{shard}"


def waiting_on_webhook(tenant: TenantId, webhook_id: WebhookId, shards: Shards) -> Sequence[str]:
    """In the index ``due``: the partitions of what waits on this webhook, whenever it was made."""
    partition = f"webhook#{tenant}#{webhook_id}"
    return [_shard_of(partition, shard) for shard in range(shards.most)]


def waiting(key: DeliveryKey, waits: Waiting, shards: Shards) -> str:
    """In the index ``due``: the partition of a delivery that waits."""
    # Who asks has deliveries at hand: these are not for functions that have none to load.
    from hookline.domain.delivery.delivery import (  # noqa: PLC0415
        CLOCK_SHARDS,
        OnItsWebhook,
        OnTheClock,
    )

    match waits:
        case OnTheClock():
            return waiting_on_clock(zlib.crc32(key.id.encode()) % CLOCK_SHARDS)
        case OnItsWebhook():
            partitions = waiting_on_webhook(key.tenant, key.webhook_id, shards)
            return partitions[shards.of_id(key.id)]


def attempts(tenant: TenantId, delivery_id: DeliveryId) -> str:
    """In ``attempts``: the partition of one delivery's older attempts."""
    return f"{tenant}#{delivery_id}"


def idempotent_request(principal: PrincipalId, target: str, key: str) -> Key:
    """In ``idempotency``: whoever asks, each has key values of their own."""
    return {"request": f"{principal}#{target}#{key}"}


def recover_job(tenant: TenantId, webhook_id: WebhookId, job_id: JobId) -> Key:
    """In ``recover-jobs``."""
    return {"webhook": f"{tenant}#{webhook_id}", "job_id": job_id}


def listed(created_at: datetime, tenant: TenantId) -> Key:
    """In ``principals``: where a tenant stands in the list of all."""
    return {"owner": TENANTS, "item": f"{iso(created_at)}#{tenant}"}


def principal(tenant: TenantId, principal_id: PrincipalId) -> Key:
    """In ``principals``: a principal."""
    return {"owner": tenant, "item": principal_id}


def api_key(key_id: str) -> Key:
    """In ``principals``: an API key, found by its id alone."""
    return {"owner": key_id, "item": KEY_ITEM}


def tenant_record(tenant: TenantId) -> Key:
    """In ``principals``: a tenant."""
    return {"owner": tenant, "item": TENANT_ITEM}


def rights_of(principal_id: PrincipalId) -> str:
    """In ``principals``: what the items of a principal's levels on webhooks begin with."""
    return f"right#{principal_id}#"


def right(tenant: TenantId, principal_id: PrincipalId, webhook_id: WebhookId) -> Key:
    """In ``principals``: its level on one webhook."""
    return {"owner": tenant, "item": rights_of(principal_id) + webhook_id}


def webhook_of(right_item: str) -> WebhookId:
    """The webhook that a right is about."""
    return WebhookId(right_item.rpartition("#")[2])


def provider(tenant: TenantId, provider_id: ProviderId) -> Key:
    """In ``inbound-providers``."""
    return {"tenant": tenant, "item": provider_id}


def inbound_function(tenant: TenantId, function_id: FunctionId) -> Key:
    """In ``inbound-providers``: a function, beside the providers."""
    return {"tenant": tenant, "item": function_id}


def provider_sequence(tenant: TenantId) -> Key:
    """In ``inbound-providers``: the order in which all providers of a tenant are tried."""
    return {"tenant": tenant, "item": SEQUENCE_ITEM}


def event_type(tenant: TenantId, name: str) -> Key:
    """In ``event-types``."""
    return {"tenant": tenant, "type": name}


def allotment(counter: str) -> Key:
    """In ``schedule``: what is drawn of a quota; nothing that grants a right."""
    return {"name": f"quota#{counter}"}


def message(tenant: TenantId, message_id: MessageId) -> Key:
    """In ``inbound-messages``."""
    return {"tenant": tenant, "id": message_id}


def message_body(tenant: TenantId, message_id: MessageId) -> Key:
    """In ``inbound-messages``: a large body, apart so that lists and updates do not carry it."""
    return {"tenant": f"{tenant}#bodies", "id": message_id}


def signature(tenant: TenantId, provider_id: ProviderId, digest: str) -> str:
    """In ``inbound-signatures``: one signature that one provider was sent."""
    return f"{tenant}#{provider_id}#{digest}"
