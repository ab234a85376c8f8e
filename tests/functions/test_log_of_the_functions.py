"""What the log tells: each unit of work in one line with its ids and timings, and one delivery's
story from publishing to success."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from typing import Any

import pytest

from bench.cost import ACCESS, access_line
from hookline.adapters.telemetry import start_logging
from hookline.domain.fan_out.fan_out import FanOutTask
from hookline.domain.ids import EventId
from tests.builders import NOW, TENANT
from tests.contract.http.endpoints import OK, Endpoint, Peer, answering
from tests.worlds.stack import Stack, a_stack
from tests.worlds.template import resources

type Line = dict[str, Any]

LATER = {"initial_delay_seconds": 3600, "multiplier": 1}
"""Waits so long are in the table, and so on the test's clock."""

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}

OF_EVERY_LINE = {"timestamp", "message", "function"}
REQUIRED = {
    "request.answered": {
        *("request_id", "principal", "method", "path", "tenant", "status", "duration_ms"),
        *("event_id", "event_type", "trace_id"),
    },
    "event.fanned_out": {
        *("tenant", "event_id", "event_type", "trace_id", "matched", "delivery_ids"),
        "duration_ms",
    },
    "chunk.created": {"tenant", "event_id", "chunk", "deliveries", "mended", "duration_ms"},
    "delivery.attempted": {
        *("tenant", "webhook_id", "delivery_id", "event_id", "event_type", "trace_id"),
        *("attempt", "outcome", "response_status", "address", "started_at", "duration_ms"),
    },
    "inbound.answered": {
        *("request_id", "tenant", "status", "bytes", "message_id", "trace_id", "duration_ms"),
    },
    "inbound.processed": {
        *("tenant", "message_id", "status", "outcome", "provider_id", "functions", "tries"),
        *("event_ids", "trace_id", "duration_ms"),
    },
    "scheduler.webhook_round": {"webhooks", "released", "probes", "ended", "duration_ms"},
    "scheduler.sweep": {"mended", "duration_ms"},
    "scheduler.release": {"released", "duration_ms"},
    "scheduler.recover": {"resent", "duration_ms"},
}
"""What each unit of work's line has at least, where there is all of it."""

SHARED = {
    "events.fanned_out": {
        *("tenant", "count", "matched", "event_ids", "trace_ids", "duration_ms"),
    },
    "deliveries.succeeded": {
        *("tenant", "count", "outcome", "deliveries", "trace_ids"),
        *("slowest_ms", "slowest_webhook_id"),
    },
}
"""What a line has at least that successes share."""


@contextmanager
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@contextmanager
def logged(success_log: str = "each") -> Iterator[tuple[Stack, list[Line]]]:
    """The functions, and once it is over what they logged, in order; metrics left out."""
    said, lines = io.StringIO(), list[Line]()
    deployed = a_stack(LogLevel="DEBUG", SuccessLog=success_log)
    with logging_as_it_was(), redirect_stdout(said), deployed as stack:
        start_logging("api", "DEBUG")  # the others do so when they are built
        yield stack, lines
    lines += [line for line in map(json.loads, said.getvalue().splitlines()) if "_aws" not in line]


def subscribed(stack: Stack, port: int, **fields: Any) -> str:
    hook = {"name": "n", "events": ["*"], "url": f"http://127.0.0.1:{port}/hook", **fields}
    return str(stack.acme("POST", "/webhooks", hook).json["id"])


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """Of one of each."""
    inbound = "/inbound"
    with logged() as (stack, found), answering(OK) as endpoint, Endpoint(Peer.reset) as dead:
        subscribed(stack, endpoint.port)
        # Its retries wait on the test's clock: those of the queue would come by the machine's.
        subscribed(stack, dead.port, name="dead", retry=LATER)
        stack.acme("POST", "/events", {"type": "order.paid"}, headers=TRACED)
        stack.deliver()
        step = FanOutTask(TENANT, EventId("evt_gone"), NOW, 1).message()
        record = {"messageId": "m-1", "eventSource": "aws:sqs", "body": step}
        assert stack.fan_out({"Records": [record]}, "run-of-a-step") == []
        assert stack.schedule()
        anybody = {"name": "p", "match": {"expression": "`true`"}, "verify": {"type": "none"}}
        provider = stack.acme("POST", f"{inbound}/providers", anybody).json["id"]
        action = {"type": "publish", "event": {"type": "'third.party'"}}
        publish = {"name": "f", "provider_id": provider, "uri": "orders", "action": action}
        stack.acme("POST", f"{inbound}/functions", publish)
        stack.inbound("orders", b"{}", TRACED)
        stack.inbound("orders", b"{}", TRACED | {"x-hookline-sync": "true"})
        stack.deliver()
    return found


@pytest.mark.parametrize("message", REQUIRED)
def test_a_unit_of_work_is_told_with_its_ids_and_how_long_it_took(
    lines: list[Line], message: str
) -> None:
    told = [line for line in lines if line["message"] == message]
    missing = [(REQUIRED[message] | OF_EVERY_LINE) - set(line) for line in told]
    assert min(missing, key=len) == set()
    assert all("duration_ms" in line for line in told)


FIELD = re.compile(r"(?<![\w\"'@])[a-z][a-z_]*(?![\w(])")
WORDS_OF_THE_LANGUAGE = {
    *(
        "fields",
        "filter",
        "stats",
        "sort",
        "limit",
        "by",
        "as",
        "and",
        "or",
        "in",
        "like",
        "asc",
        "parse",
        "desc",
    ),
}


@pytest.mark.parametrize("query", resources("AWS::Logs::QueryDefinition"))
def test_a_saved_query_asks_for_fields_that_lines_have(lines: list[Line], query: str) -> None:
    text = resources("AWS::Logs::QueryDefinition")[query]["QueryString"]
    code = re.sub(r"#.*|\"[^\"]*\"|/\^.*\$/", "", text)
    named_here = set(re.findall(r"\bas (\w+)|\?<(?P<parsed>\w+)>", text))
    asked = set(FIELD.findall(code)) - WORDS_OF_THE_LANGUAGE
    assert asked
    named = {name for pair in named_here for name in pair}
    assert asked - named <= set().union(*lines, *SHARED.values())


@pytest.mark.parametrize("route", ["ANY /v1/{proxy+}", "$default"])
@pytest.mark.parametrize("error", ["-", "The function failed, out of memory"])
def test_the_gateways_query_reads_its_access_log(route: str, error: str) -> None:
    """Each field by its name, whatever the others hold."""
    given = {**ACCESS, "routeKey": route, "integrationErrorMessage": error}
    query = resources("AWS::Logs::QueryDefinition")["GatewayQuery"]["QueryString"]
    pattern = query.partition("parse @message /")[2].partition("/\n")[0].replace("(?<", "(?P<")
    found = re.fullmatch(pattern, access_line(given))
    assert found is not None
    names = ("request_id", "source_ip", "method", "status", "latency_ms", "bytes", "route", "error")
    assert found.groupdict() == dict(zip(names, given.values(), strict=True))


def test_an_event_is_fanned_out_in_a_line_of_few_bytes(lines: list[Line]) -> None:
    """It is written once an event, and a log is paid for by the byte."""
    longest = max(len(json.dumps(line)) for line in lines if line["message"] == "event.fanned_out")
    assert longest < 400


def test_what_an_inbound_call_led_to_is_of_its_trace_and_told_by_its_events_ids(
    lines: list[Line],
) -> None:
    (worked_on,) = (line for line in lines if line["message"] == "inbound.processed")
    waited_for = next(line for line in lines if "outcome" in line and "bytes" in line)
    for line in (worked_on, waited_for):
        (event_id,) = line["event_ids"]
        attempts = [each for each in lines if each.get("event_id") == event_id]
        assert {each["message"] for each in attempts} == {"event.fanned_out", "delivery.attempted"}
        assert {each["trace_id"] for each in attempts} == {TRACE}


def test_no_line_of_an_inbound_call_has_its_path(lines: list[Line]) -> None:
    ours = [line for line in lines if line["message"].startswith("inbound.")]
    assert "orders" not in json.dumps(ours)


def story_of(delivery_id: str, lines: list[Line]) -> list[Line]:
    """As docs/operations.md follows it: the id finds its event's, and that the rest."""
    found = [line for line in lines if delivery_id in json.dumps(line)]
    event_id = found[0]["event_id"]
    return [
        line
        for line in lines
        if event_id in json.dumps(line) and line.get("delivery_id", delivery_id) == delivery_id
    ]


def test_a_delivery_is_followed_from_publishing_to_success_by_its_id_and_the_log_alone() -> None:
    answers = iter([500, 503, 200])

    def in_turn(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % next(answers))

    with logged() as (stack, lines), Endpoint(in_turn) as endpoint, answering(OK) as other:
        webhook = subscribed(stack, endpoint.port, retry=LATER)
        subscribed(stack, other.port, name="another")
        stack.acme("POST", "/events", {"type": "order.paid"})
        stack.acme("POST", "/webhooks", {"name": "unrelated"})
        for _ in range(3):
            stack.deliver()
            stack.clock.advance(timedelta(hours=2))
            assert stack.schedule()
        deliveries = stack.acme("GET", f"/webhooks/{webhook}/deliveries").json
    (delivery,) = deliveries["items"]
    assert [
        (each["message"], each.get("attempt"), each.get("response_status"), each.get("outcome"))
        for each in story_of(delivery["id"], lines)
    ] == [
        ("request.answered", None, None, None),
        ("event.fanned_out", None, None, None),
        ("delivery.attempted", 1, 500, "retrying"),
        ("delivery.attempted", 2, 503, "retrying"),
        ("delivery.attempted", 3, 200, "success"),
    ]


def test_even_successes_share_a_line_with_their_ids_and_what_failed_has_its_own() -> None:
    with logged("batch") as (stack, lines), answering(OK) as endpoint, Endpoint(Peer.reset) as dead:
        good = subscribed(stack, endpoint.port)
        bad = subscribed(stack, dead.port, name="dead", retry=LATER)
        for _ in range(3):
            stack.acme("POST", "/events", {"type": "order.paid"}, headers=TRACED)
        stack.deliver()
        succeeded = stack.acme("GET", f"/webhooks/{good}/deliveries").json["items"]
        failed = stack.acme("GET", f"/webhooks/{bad}/deliveries").json["items"]
    shared = [line for line in lines if line["message"] in SHARED]
    assert {line["message"] for line in shared} == set(SHARED)
    assert all(set(line) >= SHARED[line["message"]] | OF_EVERY_LINE for line in shared)
    told = [pair for line in shared for pair in line.get("deliveries", ())]
    assert sorted(told) == sorted([each["event_id"], each["id"]] for each in succeeded)
    fanned_out = [event for line in shared for event in line.get("event_ids", ())]
    assert sorted(fanned_out) == sorted(each["event_id"] for each in succeeded)
    own = [line for line in lines if line["message"] == "delivery.attempted"]
    assert {line["outcome"] for line in own} == {"retrying"}
    assert sorted(line["delivery_id"] for line in own) == sorted(each["id"] for each in failed)


def test_a_success_after_a_failure_has_its_own_line() -> None:
    answers = iter([500, 200])

    def in_turn(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % next(answers))

    with logged("batch") as (stack, lines), Endpoint(in_turn) as endpoint:
        subscribed(stack, endpoint.port, retry=LATER)
        stack.acme("POST", "/events", {"type": "order.paid"})
        for _ in range(2):
            stack.deliver()
            stack.clock.advance(timedelta(hours=2))
            assert stack.schedule()
    own = [line for line in lines if line["message"] == "delivery.attempted"]
    assert [line["outcome"] for line in own] == ["retrying", "success"]


def test_an_event_that_no_webhook_is_for_is_told_as_such() -> None:
    with logged("batch") as (stack, lines):
        event_id = stack.acme("POST", "/events", {"type": "order.paid"}).json["id"]
        stack.deliver()
    (line,) = (line for line in lines if line["message"] == "events.fanned_out")
    assert (line["unmatched"], line["matched"]) == ([event_id], 0)
