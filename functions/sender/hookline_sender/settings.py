"""This function's environment; `hookline.settings` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hookline.domain.net.addresses import Network
from hookline.domain.shards import Shards
from hookline.settings import Retaining


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSettings(Retaining):
    """The settings of the function `sender`.

    ``sender_concurrency`` is how many messages one invocation works on side by side, mostly waiting
    for calls; ``sender_maximum_concurrency`` is the number of concurrent invocations for each of
    two queues. ``success_log`` is ``each`` or ``batch``.
    """

    webhooks_table: str
    webhook_health_table: str
    subscriptions_table: str
    events_table: str
    deliveries_table: str
    attempts_table: str
    delivery_queue_url: str
    retry_queue_url: str
    dead_letter_queue_url: str
    allow_http: bool
    allowed_networks: tuple[Network, ...]
    header_prefix: str
    kms_key_id: str
    parking_ceiling_seconds: int
    sender_concurrency: int
    sender_maximum_concurrency: int
    success_log: str
    key_shards: Shards

    @property
    def parking_ceiling(self) -> timedelta:
        """The longest wait that takes a place in the queue; longer ones wait in DynamoDB."""
        return timedelta(seconds=self.parking_ceiling_seconds)
