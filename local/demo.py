"""One real delivery from end to end: webhook, event, the call that arrives, signature, log."""

from __future__ import annotations

import json
import time
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from local.api import Api
from local.call import Call
from local.options import LocalError, Options
from local.progress import step
from local.receiver import Receiver

TENANT = "demo"
PATH = "/demo"
PATIENCE_SECONDS = 60
EVENT = {
    "type": "order.created",
    "actor": {"id": "u-7", "name": "Ada"},
    "entity_type": "order",
    "entity_id": "order-1042",
    "data": {"total": "99.50", "currency": "EUR", "items": 3},
}


def show(options: Options, api: Api, receiver: Receiver) -> str:
    """Runs and prints the demonstration.

    Returns:
        The id of the demo's webhook.

    Raises:
        LocalError: a step of it did not happen.
    """
    with step(f"Creating tenant `{TENANT}` and a webhook to the receiver"):
        api.post("/v1/tenants", {"id": TENANT, "name": "Demo"})
        webhook = api.post(
            f"/v1/tenants/{TENANT}/webhooks",
            {"name": "receiver", "url": options.receiver + PATH, "events": ["*"]},
        )
    with step(f"Publishing an event of type {EVENT['type']}"):
        event = api.post(f"/v1/tenants/{TENANT}/events", EVENT)
    with step("Waiting for the receiver to be called"):
        call = _arrival(receiver, event["id"])
    print(f"\nThe receiver got\n\n{_as_text(call)}\n")
    _verify(webhook["secret"], call)
    print("Signature verified with the package `standardwebhooks`.\n")
    delivery = _delivery(api, webhook["id"], event["id"])
    print(f"The delivery's log\n\n{_log(delivery)}\n")
    return str(webhook["id"])


def fill(options: Options, api: Api) -> str:
    """Gives the console's screens something of each kind: what waits, what failed, who may look.

    Returns:
        The console's address with a session of the demo's admin in its fragment.
    """
    tenant = f"/v1/tenants/{TENANT}"
    with step("Adding a delivery that is retried and one that has failed"):
        for name, retry in (
            ("down at the moment", {"initial_delay_seconds": 60}),
            ("given up", {"max_attempts": 1}),
        ):
            path = f"{options.receiver}/status/503/{name.replace(' ', '-')}"
            api.post(
                f"{tenant}/webhooks",
                {"name": name, "url": path, "events": ["invoice.*"], "retry": retry},
            )
        api.post(f"{tenant}/events", {"type": "invoice.sent", "entity_id": "invoice-7"})
        admin = api.post(f"{tenant}/principals", {"name": "demo admin", "level": "admin"})
        session = api.post(
            f"{tenant}/principals/{admin['id']}/sessions", {"expires_in_seconds": 604_800}
        )
    return f"{options.api}/console#session={session['token']}"


def _arrival(receiver: Receiver, event_id: str) -> Call:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for call in receiver.calls(PATH):
            if call.headers.get("webhook-id") == event_id:
                return call
        time.sleep(0.1)
    raise LocalError(
        f"event {event_id} did not reach the receiver within {PATIENCE_SECONDS} s",
        "What fan-out and sender said is in .local/logs/emulator.log.",
    )


def _verify(secret: str, call: Call) -> None:
    try:
        Webhook(secret).verify(call.body, call.headers)
    except WebhookVerificationError as refused:
        raise LocalError(
            f"the signature does not verify: {refused}", "This is a fault of Hookline's signing."
        ) from refused


def _delivery(api: Api, webhook_id: str, event_id: str) -> dict[str, Any]:
    log = f"/v1/tenants/{TENANT}/webhooks/{webhook_id}/deliveries"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for item in api.get(log)["items"]:
            if item["event_id"] == event_id and item["status"] == "success":
                return api.get(f"{log}/{item['id']}")
        time.sleep(0.2)
    raise LocalError(
        f"the log shows no success for event {event_id}", "See .local/logs/emulator.log."
    )


def _as_text(call: Call) -> str:
    lines = [f"{call.method} {call.path}"]
    lines += [f"{name}: {value}" for name, value in call.headers.items()]
    lines += ["", *json.dumps(json.loads(call.body), indent=2).splitlines()]
    return "\n".join(f"    {line}" for line in lines)


def _log(delivery: dict[str, Any]) -> str:
    lines = [f"{delivery['id']}  {delivery['event_type']}  {delivery['status']}"]
    for attempt in delivery["attempts"]:
        answer = attempt["response"]
        outcome = answer["status"] if answer else attempt["error"]["kind"]
        lines.append(
            f"  attempt {attempt['number']}  {attempt['started_at']}  {attempt['trigger']}"
            f"  {attempt['request']['method']} {attempt['request']['url']}"
            f"  -> {outcome} in {attempt['duration_ms']} ms"
        )
    return "\n".join(f"    {line}" for line in lines)
