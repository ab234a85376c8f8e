"""One pass through the whole stack over moto: what it cost, and what a replay needs."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from contextlib import redirect_stdout
from itertools import cycle, islice, pairwise
from typing import Any

from bench.cost import MESSAGES
from bench.meter import Bill
from bench.recorded import BATCH, DELIVERIES, Recording
from bench.replay import Answers
from bench.world import World, a_world, long_enough, publish_request
from hookline.adapters.telemetry import start_logging


def record(webhooks: int, endpoints: Sequence[str]) -> Recording:
    """Publishes, fans out and sends; each webhook has one of the ``endpoints``, in turn."""
    # The handler that a recording before this one left writes to that one's log.
    logging.getLogger().handlers.clear()
    with redirect_stdout(io.StringIO()) as log:
        return _record(webhooks, endpoints, log)


def _record(webhooks: int, endpoints: Sequence[str], log: io.StringIO) -> Recording:
    answers = Answers()
    answers.record()
    urls = [f"{endpoint}/0/hooks/orders" for endpoint in islice(cycle(endpoints), webhooks)]
    with a_world(urls) as world:
        world.publish()  # fills the caches, as a process that has run for a while has
        start_logging("api", "INFO")
        marks = [log.tell()]
        with world.meter.reading() as published:
            ids = [world.publish() for _ in range(DELIVERIES // webhooks)]
        marks.append(log.tell())
        start_logging("fanout", "INFO")
        records = [world.stream_record(event_id) for event_id in ids]
        with world.meter.reading() as fanned_out:
            _require(not world.fanout.stream(records, "bench", lambda: True))
        marks.append(log.tell())
        messages = list(world.messages("deliveries", DELIVERIES))
        sent = _send_all(world, messages)
        return Recording(
            webhooks=webhooks,
            environment=world.environment,
            answers=answers,
            publish_request=publish_request(),
            stream_records=records,
            messages=messages,
            published=published,
            fanned_out=fanned_out,
            sent=sent,
            logged_bytes={
                **{
                    name: after - before
                    for name, (before, after) in zip(
                        ("published", "fanned_out"), pairwise(marks), strict=True
                    )
                },
                "sent_together": _logged_together(world, webhooks, log),
            },
        )


def _send_all(world: World, messages: list[dict[str, Any]]) -> Bill:
    with world.meter.reading() as sent:
        for start in range(0, len(messages), BATCH):
            _require(not world.sender(messages[start : start + BATCH], long_enough))
    sent.calls["kms.Decrypt"] = 0  # once a process and webhook
    return sent


def _logged_together(world: World, webhooks: int, log: io.StringIO) -> int:
    """What one invocation of the sender logs that goes on receiving as under load."""
    ids = [world.publish() for _ in range(MESSAGES // webhooks)]
    records = [world.stream_record(event_id) for event_id in ids]
    _require(not world.fanout.stream(records, "bench, again", lambda: True))
    messages = world.messages("deliveries", MESSAGES)
    start_logging("sender", "INFO")
    before = log.tell()
    _require(not world.sender(messages, long_enough))
    return log.tell() - before


def _require(done: bool) -> None:
    if not done:
        raise RuntimeError("the stack under measurement did not do its work")
