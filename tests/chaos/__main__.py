"""Events go through the deployed local stack while it is being broken: `make chaos SEED=1`.

Functions are killed and paused, queues purged, webhooks edited, deliveries cancelled and retried.
Then everything is well again, and the account is printed: what was lost, what got stuck, which
calls were made twice and by which kill. It ends with 1 where the promise was not kept. It starts a
stack of its own on free ports, on loopback alone, and stops by itself.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import requests

from tests.chaos.account import Account, Call, Ended, account
from tests.chaos.havoc import Havoc
from tests.e2e.round_ahead import give_round_ahead
from tests.e2e.stack import Stack, started
from tests.e2e.tenant import Hook, Tenant

BEHAVIOURS = ("", "/fail-each/1", "/stall/1", "/fail/30")
"""Endpoints that are well, that fail each event once, that take a second, that are down at first.
None resets its connections: a kept one that does is replaced within the attempt, by a second call
that no kill explains."""

_RETRY = {"initial_delay_seconds": 1, "multiplier": 2, "max_delay_seconds": 5}
_A_LEASE_ON = timedelta(minutes=16)
_SETTLES_SECONDS = 900.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--per-second", type=float, default=2)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as directory,
        started(Path(directory)) as stack,
    ):
        shown = _run(stack, given.seed, given.seconds, given.per_second)
    return 0 if shown.holds else 1


def _run(stack: Stack, seed: int, seconds: float, per_second: float) -> Account:
    tenant = Tenant(stack)
    hooks = [tenant.hook(behaviour, retry=_RETRY) for behaviour in BEHAVIOURS]
    switched = tenant.hook(retry=_RETRY)
    tenant.publish()  # the first one starts the functions: there is something to kill
    havoc, stopped = Havoc(stack, hooks, switched, seed), threading.Event()
    accepted: list[str] = []
    publisher = threading.Thread(
        target=lambda: accepted.extend(_publish(tenant, per_second, stopped))
    )
    began = time.monotonic()
    with havoc.impatient_queues():
        publisher.start()
        try:
            havoc.wreak(seconds, stopped)
        finally:
            stopped.set()
            publisher.join()
        broken_for = time.monotonic() - began
        _settle(stack, havoc, [*hooks, switched])
    promised = {(hook.id, event_id) for hook in hooks for event_id in accepted}
    everything = [*hooks, switched]
    deliveries = [one for hook in everything for one in _log(hook)]
    calls = [call for hook in everything for call in _calls(hook)]
    shown = account(promised, deliveries, calls, havoc.done)
    _print(seed, len(accepted), broken_for, time.monotonic() - began, havoc, shown)
    return shown


def _publish(tenant: Tenant, per_second: float, stopped: threading.Event) -> Iterator[str]:
    """Ids of what was answered 202: what was not is asked again, as clients do."""
    while not stopped.wait(1 / per_second):
        event_id = f"chaos-{uuid4().hex[:12]}"
        while not _accepted(tenant, event_id):
            if stopped.wait(0.5):
                return
        yield event_id


def _accepted(tenant: Tenant, event_id: str) -> bool:
    event = {"id": event_id, "type": "thing.happened", "data": {"said": event_id}}
    try:
        return tenant.api("POST", "/events", event).status == 202
    except requests.RequestException:
        return False


def _settle(stack: Stack, havoc: Havoc, hooks: list[Hook]) -> None:
    """All endpoints are well. What a purge took is found by the scheduler, a lease later.

    Its clock goes ahead only while no message is under way that it would send a second time.
    """
    for hook in hooks:
        hook.receiver.behave(hook.path, status=200)
    deadline = time.monotonic() + _SETTLES_SECONDS
    ahead = _A_LEASE_ON
    while time.monotonic() < deadline:
        if havoc.in_queues():
            threading.Event().wait(2)
        elif ahead > _A_LEASE_ON and not any(_open(hook) for hook in hooks):
            return
        else:
            give_round_ahead(stack, ahead)
            ahead += timedelta(minutes=1)
            threading.Event().wait(5)


def _open(hook: Hook) -> bool:
    return any(hook.log(status=status, limit=1) for status in ("created", "retrying"))


def _log(hook: Hook) -> Iterator[Ended]:
    cursor: dict[str, object] = {}
    while True:
        page = hook.api.get(f"{hook.at}/deliveries", limit=100, **cursor)
        for item in page["items"]:
            yield Ended(item["id"], item["webhook_id"], item["event_id"], item["status"])
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def _calls(hook: Hook) -> Iterator[Call]:
    for one in hook.arrivals():
        headers = one.headers
        yield Call(
            headers["x-hookline-delivery-id"],
            int(headers["x-hookline-attempt"]),
            one.at,
            one.call.status,
        )


def _print(
    seed: int, events: int, broken_for: float, took: float, havoc: Havoc, shown: Account
) -> None:
    acts = ", ".join(f"{count} {kind}" for kind, count in sorted(havoc.counts.items()))
    statuses = ", ".join(f"{count} {status}" for status, count in sorted(shown.statuses.items()))
    lines = [
        f"seed {seed}: {events} events accepted in {broken_for:.0f} s",
        f"  done to it:  {acts} ({len(havoc.kills)} kills of senders)",
        f"  deliveries:  {statuses}; all over after {took:.0f} s",
        f"  {len(shown.lost)} lost, {len(shown.stuck)} stuck",
        f"  {shown.repeats} calls repeated once by a kill, {len(shown.unexplained)} otherwise",
        *(f"    {line}" for line in (*shown.lost, *shown.stuck, *shown.unexplained)),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
