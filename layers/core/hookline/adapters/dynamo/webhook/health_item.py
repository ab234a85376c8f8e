"""A webhook's health as an item of ``webhook-health``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item
from hookline.domain.ids import DeliveryId, TenantId, WebhookId
from hookline.domain.times import from_iso, iso
from hookline.domain.webhook.health import Circuit, Closed, Draining, Health, Open

_FAILING_KEPT = 3


def to_item(health: Health) -> Item:
    """Absent where empty: only a webhook that deliveries may wait on is in the index."""
    return {
        **keys.health(health.tenant, health.webhook_id),
        "consecutive_failures": health.consecutive_failures or None,
        "failing_deliveries": health.failing_deliveries or None,
        "last_success_at": iso(health.last_success_at) if health.last_success_at else None,
        "last_failure_at": iso(health.last_failure_at) if health.last_failure_at else None,
        "disabled_reason": health.disabled_reason,
        "circuit": _circuit_to_map(health.circuit),
        "paced": keys.HAS_WAITING if health.has_waiting else None,
        "paced_at": iso(health.waiting_marked_at) if health.waiting_marked_at else None,
        "slow_at": iso(health.slow_at) if health.slow_at else None,
        "version": health.version or None,
    }


def from_item(item: Item) -> Health:
    """The health that `to_item` made the item of; the keys alone are an untroubled one."""
    success, failure, waiting_marked_at, slow_at = (
        item.get(name) for name in ("last_success_at", "last_failure_at", "paced_at", "slow_at")
    )
    # Failures are added without reading what is there, so that the set can outgrow its bound.
    failing = sorted(item.get("failing_deliveries", ()))[:_FAILING_KEPT]
    return Health(
        tenant=TenantId(item["tenant"]),
        webhook_id=WebhookId(item["webhook_id"]),
        consecutive_failures=item.get("consecutive_failures", 0),
        failing_deliveries=frozenset(DeliveryId(each) for each in failing),
        last_success_at=from_iso(success) if success else None,
        last_failure_at=from_iso(failure) if failure else None,
        disabled_reason=item.get("disabled_reason"),
        circuit=_circuit_from_map(item.get("circuit")),
        has_waiting="paced" in item,
        waiting_marked_at=from_iso(waiting_marked_at) if waiting_marked_at else None,
        slow_at=from_iso(slow_at) if slow_at else None,
        version=item.get("version", 0),
    )


def _circuit_to_map(circuit: Circuit) -> dict[str, Any] | None:
    match circuit:
        case Closed():
            return None
        case Open():
            return {
                "state": "open",
                "opened_at": iso(circuit.opened_at),
                "next_probe_at": iso(circuit.next_probe_at),
                "probe_interval_seconds": circuit.probe_interval.total_seconds(),
            }
        case Draining():
            return {"state": "draining", "since": iso(circuit.since)}


def _circuit_from_map(circuit: Item | None) -> Circuit:
    if circuit is None:
        return Closed()
    if circuit["state"] == "draining":
        return Draining(from_iso(circuit["since"]))
    return Open(
        opened_at=from_iso(circuit["opened_at"]),
        next_probe_at=from_iso(circuit["next_probe_at"]),
        probe_interval=timedelta(seconds=circuit["probe_interval_seconds"]),
    )
