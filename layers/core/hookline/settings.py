"""What each function is told by its environment: one frozen value a function, read once at start.

A field is named after its variable: `webhooks_table` is ``WEBHOOKS_TABLE``. template.yaml sets
exactly these; a test holds the two together, both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from ipaddress import ip_network
from typing import Any, Self

from hookline.domain.addresses import Network
from hookline.errors import SettingsError


def _text(value: str) -> str:
    if not value:
        raise ValueError("is empty")
    return value


def _optional_text(value: str) -> str | None:
    return value or None


def _flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return value == "true"


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ValueError("is not a whole number from 1 on")
    return int(value)


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _networks(value: str) -> tuple[Network, ...]:
    return tuple(ip_network(part) for part in _list(value))


_READ: Mapping[str, Callable[[str], object]] = {
    "str": _text,
    "str | None": _optional_text,
    "bool": _flag,
    "int": _count,
    "tuple[str, ...]": _list,
    "tuple[Network, ...]": _networks,
}
"""How the text of a variable becomes a value of its field's type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every function has. ``log_level`` is one of logging's names, such as ``INFO``."""

    stage: str
    log_level: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises SettingsError naming every variable that is missing or malformed."""
        values: dict[str, Any] = {}
        problems = []
        for field in fields(cls):
            name = field.name.upper()
            if name not in env:
                problems.append(f"{name} is not set")
                continue
            try:
                values[field.name] = _READ[str(field.type)](env[name])
            except ValueError as error:
                problems.append(f"{name}: {error}")
        if problems:
            raise SettingsError("; ".join(problems))
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retaining(Settings):
    """A function that writes what the log keeps for ``retention_days``."""

    retention_days: int

    @property
    def retention(self) -> timedelta:
        """How long events, deliveries and attempts are kept."""
        return timedelta(days=self.retention_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings(Retaining):
    """Of the function `api`. ``kms_key_id`` may be a key's ARN."""

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
    inbound_providers_table: str
    inbound_messages_table: str
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
    invoke_function_arns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FanoutSettings(Retaining):
    """Of the function `fanout`."""

    webhooks_table: str
    subscriptions_table: str
    fan_outs_table: str
    deliveries_table: str
    attempts_table: str
    schedule_table: str
    delivery_queue_url: str
    fan_out_queue_url: str
    stream_dead_letter_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSettings(Retaining):
    """Of the function `sender`.

    ``sender_concurrency`` is calls side by side in one invocation, ``sender_maximum_concurrency``
    invocations at once for each of the two queues.
    """

    webhooks_table: str
    webhook_health_table: str
    subscriptions_table: str
    events_table: str
    deliveries_table: str
    attempts_table: str
    retry_queue_url: str
    dead_letter_queue_url: str
    allow_http: bool
    allowed_networks: tuple[Network, ...]
    header_prefix: str
    kms_key_id: str
    parking_ceiling_seconds: int
    sender_concurrency: int
    sender_maximum_concurrency: int

    @property
    def parking_ceiling(self) -> timedelta:
        """The longest wait that occupies a queue slot; longer ones wait in DynamoDB."""
        return timedelta(seconds=self.parking_ceiling_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerSettings(Retaining):
    """Of the function `scheduler`."""

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
    dead_letter_queue_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSettings(Retaining):
    """Of the function `inbound`. ``idempotency_table`` holds the counters of quotas as well."""

    webhooks_table: str
    events_table: str
    principals_table: str
    idempotency_table: str
    event_types_table: str
    inbound_providers_table: str
    inbound_messages_table: str
    inbound_signatures_table: str
    inbound_queue_url: str
    kms_key_id: str
    invoke_function_arns: tuple[str, ...]
    inbound_quota_per_second: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundWorkerSettings(Retaining):
    """Of the function `inbound_worker`."""

    webhooks_table: str
    events_table: str
    principals_table: str
    event_types_table: str
    inbound_providers_table: str
    inbound_messages_table: str
    inbound_signatures_table: str
    inbound_queue_url: str
    inbound_dead_letter_queue_url: str
    kms_key_id: str
    invoke_function_arns: tuple[str, ...]
