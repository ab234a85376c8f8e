"""This function's environment; `hookline.settings` reads it."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.domain.shards import Shards
from hookline.settings import Retaining


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundWorkerSettings(Retaining):
    """The settings of the function `inbound_worker`."""

    webhooks_table: str
    events_table: str
    principals_table: str
    event_types_table: str
    inbound_providers_table: str
    inbound_messages_table: str
    inbound_bodies_bucket: str
    inbound_signatures_table: str
    inbound_queue_url: str
    inbound_dead_letter_queue_url: str
    kms_key_id: str
    invoke_function_arns: tuple[str, ...]
    key_shards: Shards
