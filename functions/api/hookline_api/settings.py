"""This function's environment; `hookline.settings` reads it."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.domain.net.addresses import Network
from hookline.domain.shards import Shards
from hookline.settings import Retaining


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings(Retaining):
    """The settings of the function `api`. ``kms_key_id`` may be a key's ARN."""

    webhooks_table: str
    webhook_health_table: str
    subscriptions_table: str
    events_table: str
    fan_outs_table: str
    deliveries_table: str
    attempts_table: str
    principals_table: str
    idempotency_table: str
    event_types_table: str
    recover_jobs_table: str
    schedule_table: str
    inbound_providers_table: str
    inbound_messages_table: str
    inbound_bodies_bucket: str
    delivery_queue_url: str
    retry_queue_url: str
    inbound_queue_url: str
    allow_http: bool
    allowed_networks: tuple[Network, ...]
    header_prefix: str
    kms_key_id: str
    root_key_secret_arn: str
    signing_key_secret_arn: str
    oidc_issuer: str | None
    oidc_audience: str | None
    publish_quota_per_second: int
    webhooks_per_tenant: int
    invoke_function_arns: tuple[str, ...]
    source_addresses: tuple[str, ...]
    key_shards: Shards
