"""This function's environment; `hookline.settings` reads it."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.domain.shards import Shards
from hookline.settings import Retaining


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerSettings(Retaining):
    """The settings of the function `scheduler`."""

    webhooks_table: str
    webhook_health_table: str
    subscriptions_table: str
    events_table: str
    fan_outs_table: str
    deliveries_table: str
    attempts_table: str
    principals_table: str
    recover_jobs_table: str
    schedule_table: str
    retry_queue_url: str
    fan_out_queue_url: str
    dead_letter_queue_url: str
    scheduler_function: str
    key_shards: Shards
