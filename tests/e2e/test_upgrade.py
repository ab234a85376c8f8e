"""A newer version and other parameters are deployed over a stack while events flow through it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from hookline import __version__
from hookline.domain.lease import LEASE
from local.deployment import BUILD, deploy
from local.options import Options
from tests.e2e.aws import sqs_of
from tests.e2e.operator import Operator
from tests.e2e.round_ahead import give_round_ahead
from tests.e2e.stack import Stack, started
from tests.e2e.tenant import Hook, Tenant
from tests.e2e.waiting import eventually

NEWER = "99.0.0"
BETWEEN_EVENTS_SECONDS = 0.5
HIDDEN_SECONDS = "6"
"""Instead of six minutes: Lambda lets invocations end, the emulator cuts them off at an update."""
PATIENCE_SECONDS = 600
"""Workers start anew after the upgrade, and on a busy machine that takes its time."""
SETTLED_SECONDS = 120
"""After which nothing is on its way any more."""
SWEPT = LEASE + timedelta(minutes=1)
"""When the sweep mends a fan-out whose run died: Lambda lets it end, the emulator cuts it off."""


def test_an_upgrade_while_events_flow_loses_none_and_changes_what_comes_after(
    tmp_path: Path,
) -> None:
    (tmp_path / "stack").mkdir()
    with started(tmp_path / "stack") as stack, closing(Tenant(stack)) as tenant:
        steady, failing_first = tenant.hook(), tenant.hook(retry={"initial_delay_seconds": 15})
        tenant.receiver.behave(failing_first.path, status=500, times=3)
        come_back_soon(stack)
        with publishing(tenant) as accepted:
            for hook in (steady, failing_first):
                eventually(partial(has_calls, hook, 3), "calls before", PATIENCE_SECONDS)
                assert not comes_from_newer(hook)
            upgrade(stack, tmp_path / "newer", "HeaderPrefix=X-Renamed")
            eventually(partial(comes_from_newer, steady), "the newer version", PATIENCE_SECONDS)
        hooks = (steady, failing_first)
        try:
            eventually(partial(all_arrived, hooks, accepted), "all of them", SETTLED_SECONDS)
        except AssertionError:
            give_round_ahead(stack, SWEPT)
            eventually(partial(all_arrived, hooks, accepted), "the rest", PATIENCE_SECONDS)
        for hook in hooks:
            assert {call.event_id for call in hook.arrivals()} == set(accepted)
            assert Operator(stack).dead_letters(hook.id) == []


def come_back_soon(stack: Stack) -> None:
    """Shortens how long a message stays hidden whose receiver was cut off."""
    sqs = sqs_of(stack)
    for queue in ("deliveries", "retries"):
        url = sqs.get_queue_url(QueueName=f"hookline-local-{queue}")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": HIDDEN_SECONDS})


def upgrade(stack: Stack, newer: Path, parameter: str) -> None:
    """Deploys the same build with another version number, and one parameter changed."""
    shutil.copytree(BUILD / "artifacts", newer)
    package = newer / "CoreLayer" / "python" / "hookline"
    # Lambda takes the bytecode without a look at its source.
    (package / "__pycache__" / "__init__.cpython-313.pyc").unlink()
    source = (package / "__init__.py").read_text(encoding="utf-8")
    (package / "__init__.py").write_text(source.replace(__version__, NEWER), encoding="utf-8")
    options = Options(
        port=port_of(stack.api),
        receiver_port=port_of(stack.receiver),
        aws_port=port_of(stack.aws_endpoint),
        directory=newer,
        parameters=(parameter,),
        demo=False,
    )
    deployed = deploy(options, newer)
    assert deployed.root_key == stack.root_key


@contextmanager
def publishing(tenant: Tenant) -> Iterator[list[str]]:
    """Publishes from another thread until its end; gives the ids of what was accepted up to then.

    An event that gets no 202 is published again under its id, as any publisher should.
    """
    accepted: list[str] = []
    enough = threading.Event()

    def publish() -> None:
        while not enough.wait(BETWEEN_EVENTS_SECONDS):
            event = {"type": "thing.happened", "id": f"event-{len(accepted)}"}
            if tenant.api("POST", "/events", event).status == 202:
                accepted.append(event["id"])

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        yield accepted
    finally:
        enough.set()
        publisher.join()


def has_calls(hook: Hook, count: int) -> bool:
    return len(hook.arrivals()) >= count


def comes_from_newer(hook: Hook) -> bool:
    """Whether the last call was made by the newer version, under the new names of its headers."""
    headers = hook.arrivals()[-1].headers
    return headers["user-agent"] == f"Hookline/{NEWER}" and "x-renamed-event-id" in headers


def all_arrived(hooks: Sequence[Hook], event_ids: list[str]) -> bool:
    """Whether the delivery of each event to each webhook is a success."""
    return all(succeeded(hook) >= set(event_ids) for hook in hooks)


def succeeded(hook: Hook) -> set[str]:
    """The events whose deliveries to the webhook are."""
    found: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        query = {"cursor": cursor} if cursor else {}
        page = hook.api.get(f"{hook.at}/deliveries", status="success", limit=100, **query)
        found.update(item["event_id"] for item in page["items"])
        cursor = page["next_cursor"]
    return found


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
