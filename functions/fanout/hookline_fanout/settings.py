"""This function's environment; `hookline.settings` reads it."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.domain.shards import Shards
from hookline.settings import Retaining


@dataclass(frozen=True, slots=True, kw_only=True)
class FanoutSettings(Retaining):
    """The settings of the function `fanout`. ``success_log`` is ``each`` or ``batch``."""

    webhooks_table: str
    webhook_health_table: str
    events_table: str
    subscriptions_table: str
    fan_outs_table: str
    deliveries_table: str
    attempts_table: str
    schedule_table: str
    delivery_queue_url: str
    fan_out_queue_url: str
    stream_dead_letter_queue_url: str
    success_log: str
    key_shards: Shards
