"""What deliveries cost: counted calls, kilobytes and log lines and measured CPU, by list prices."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import prices, workload
from bench.meter import Bill
from hookline.services.delivery.lanes import SIDE_BY_SIDE
from hookline.services.fan_out.claims import CLAIMS_AT_ONCE
from tests.worlds.template import defaults, resources

MEASURED = Path(__file__).parent / "measured.json"
"""What docs/cost.md is made of: `python -m bench` writes such a file to .local/bench.json."""
GIB = 1024**3
MILLION = 1_000_000

# -- What is assumed, as no bench on one machine can measure it ----------------------------------

AWS_CALL_SECONDS = 0.005
"""One call of DynamoDB or SQS from Lambda, waited for and billed."""
ENDPOINT_SECONDS = 0.1
"""What an endpoint takes to answer."""
BATCH = 10
"""Messages that an invocation begins with, as under load. Alone, each pays for itself."""
MESSAGES = 4 * BATCH
"""Of one invocation: under load it receives more while calls keep it waiting (decision 0057)."""
USED = 0.7
"""Of capacity by the hour, as it is scaled."""
BY_THE_HOUR = ("events", "fan-outs", "deliveries")
"""Tables that may have such capacity."""
ONE_VCPU_MB = 1_769
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
ACCESS = {
    "requestId": "JKJaXmPLvHcESHA=",
    "identity.sourceIp": "203.0.113.100",
    "httpMethod": "POST",
    "status": "202",
    "responseLatency": "25",
    "responseLength": "250",
    "routeKey": "ANY /v1/{proxy+}",
    "integrationErrorMessage": "-",
}
"""What the gateway's access log says of a publish."""
LONGER_ID = len("e1506fd5-9e7b-434f-bd42-4f8fa224b599") - len(ACCESS["requestId"])
"""A request's id by the function's own address: Lambda's instead of the gateway's."""
SENT_BYTES = 700 + workload.EVENT_BYTES
"""A request on the wire: its head and the default body."""
ITEM_OVERHEAD_BYTES = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the bill, in dollars per million deliveries."""

    name: str
    dollars: float


@dataclass(frozen=True, slots=True)
class Units:
    """Of a delivery: of the tables that may be paid by the hour, and of all others."""

    own: float
    others: float


class Stack:
    """One measured stack, in which each event goes to ``webhooks`` endpoints."""

    def __init__(self, webhooks: int, figures: Mapping[str, Any]) -> None:
        self._webhooks = webhooks
        self._figures = figures
        self._events: int = figures["events"]
        self._deliveries: int = figures["deliveries"]
        self._bills = {name: Bill.from_json(bill) for name, bill in figures["bills"].items()}

    def work(
        self, *, by_the_hour: bool = False, own_address: bool = False, spread: bool = False
    ) -> Sequence[Line]:
        """What is paid once, when it happens.

        ``by_the_hour``: of some tables, as if all hours were alike. ``own_address``: past the
        gateway, by the API function's own (decision 0152). ``spread``: over so many endpoints that
        all messages of an invocation are of different ones.
        """
        write = prices.WRITE_UNIT_HOUR / 3600 / USED if by_the_hour else prices.WRITE_UNIT
        read = prices.READ_UNIT_HOUR / 3600 / USED if by_the_hour else prices.READ_UNIT
        written, read_there = self._units("write_units"), self._units("read_units")
        per_delivery = [
            Line("DynamoDB, written", written.own * write + written.others * prices.WRITE_UNIT),
            Line("HTTP API", 0 if own_address else prices.HTTP_API_REQUEST / self._webhooks),
            Line("Lambda, requests", self._invocations() * prices.LAMBDA_REQUEST),
            Line("Lambda, time", self._gb_seconds(spread) * prices.LAMBDA_GB_SECOND),
            Line("DynamoDB, read", read_there.own * read + read_there.others * prices.READ_UNIT),
            Line("SQS", self._queue_requests() * _FAIR_REQUEST),
            Line("Logs, taken in", self._logged_bytes(own_address) / GIB * prices.LOG_GB),
        ]
        return [Line(line.name, line.dollars * MILLION) for line in per_delivery]

    def on_top(self, *, own_address: bool = False) -> Sequence[Line]:
        """What the 30 days of the log cost, and the traffic, whoever sends it."""
        gib = self._kept_bytes() / GIB
        per_delivery = [
            Line("Tables, 30 days", gib * prices.TABLE_GB_MONTH),
            Line("Point-in-time recovery, 30 days", gib * prices.RECOVERY_GB_MONTH),
            Line("Logs, 30 days", self._logged_bytes(own_address) / GIB * prices.LOG_GB_MONTH),
            Line("Transfer to the internet", SENT_BYTES / GIB * prices.TRANSFER_OUT_GB),
        ]
        return [Line(line.name, line.dollars * MILLION) for line in per_delivery]

    def _units(self, kind: str) -> Units:
        own = others = 0.0
        for bill in self._bills.values():
            for table, units in getattr(bill, kind).items():
                if table.endswith(BY_THE_HOUR):
                    own += units
                else:
                    others += units
        return Units(own / self._deliveries, others / self._deliveries)

    def units(self, kind: str) -> float:
        """A delivery's, of ``write_units`` or ``read_units``."""
        units = self._units(kind)
        return units.own + units.others

    def _invocations(self) -> float:
        # Fan-out takes all the recorded events in one batch.
        return (1 + 1 / self._events) / self._webhooks + 1 / MESSAGES

    def _gb_seconds(self, spread: bool) -> float:
        api_calls = self._bills["published"].total_calls() / self._events
        api = self._compute("api", 1) + api_calls * AWS_CALL_SECONDS
        fanout_calls = self._bills["fanned_out"].calls
        claims = fanout_calls["dynamodb.PutItem"]
        in_turn = fanout_calls.total() - claims + claims / CLAIMS_AT_ONCE
        fanout = self._compute("fanout", 1) + in_turn / self._deliveries * AWS_CALL_SECONDS
        # Its time goes into calls side by side or, where those are many, into the processor.
        side_by_side = MESSAGES if spread else self._webhooks * SIDE_BY_SIDE
        at_once = min(side_by_side, int(defaults()["SenderConcurrency"]))
        waits = (ENDPOINT_SECONDS + AWS_CALL_SECONDS) / at_once
        sender = max(self._compute("sender", 1), waits) + AWS_CALL_SECONDS / BATCH
        megabyte_seconds: float = (
            api / self._webhooks * memory_mb("api")
            + fanout * memory_mb("fanout")
            + sender * memory_mb("sender")
        )
        return megabyte_seconds / 1024

    def _compute(self, function: str, times: int) -> float:
        """Seconds by the clock, with the part of a processor that the memory buys."""
        share = min(1.0, memory_mb(function) / ONE_VCPU_MB)
        milliseconds: float = self._figures["cpu"][function]["milliseconds"]
        return times * milliseconds / 1000 / share

    def _queue_requests(self) -> float:
        sent = self._bills["fanned_out"].calls["sqs.SendMessageBatch"] / self._deliveries
        return sent + 2 / BATCH  # ten at a time are received and deleted

    def _logged_bytes(self, own_address: bool) -> float:
        logged = self._figures["logged_bytes"]
        beside = LONGER_ID if own_address else len(access_line(ACCESS))
        per_event: float = logged["published"] / self._events + beside
        per_delivery: float = (
            logged["fanned_out"] / self._deliveries + logged["sent_together"] / MESSAGES
        )
        return per_event / self._webhooks + per_delivery

    def _kept_bytes(self) -> float:
        stored = sum(sum(bill.stored_bytes.values()) for bill in self._bills.values())
        items = 2 / self._webhooks + 1  # event and fan-out record; delivery
        return stored / self._deliveries + items * ITEM_OVERHEAD_BYTES


_FAIR_REQUEST = prices.SQS_REQUEST + prices.SQS_FAIR_SURCHARGE


def access_line(values: Mapping[str, str]) -> str:
    """A line of the gateway's access log, in template.yaml's format."""
    (stage,) = resources("AWS::ApiGatewayV2::Stage").values()
    form: str = stage["AccessLogSettings"]["Format"]
    return re.sub(r"\$context\.([A-Za-z.]+)", lambda found: values[found[1]], form)


def memory_mb(function: str) -> int:
    """As in template.yaml."""
    functions = resources("AWS::Serverless::Function")
    return int(functions[f"{function.capitalize()}Function"]["MemorySize"])


def total(lines: Sequence[Line]) -> float:
    """Dollars per million deliveries."""
    return sum(line.dollars for line in lines)


def bill(one: Stack, ten: Stack) -> str:
    """A million deliveries, as a Markdown table."""
    ways = (one.work(), one.work(by_the_hour=True), ten.work(), ten.work(by_the_hour=True))
    rows = [
        "| per million deliveries | one to one | by the hour | one to ten | by the hour |",
        "|---|---:|---:|---:|---:|",
        *(
            _row(lines[0].name, [each.dollars for each in lines])
            for lines in zip(*ways, strict=True)
        ),
        _row("**Sent, log written**", list(map(total, ways))),
    ]
    rows += [
        _row("the same, to many endpoints", _sums(one, spread=True) + _sums(ten, spread=True)),
        _row(
            "by the function's own address",
            _sums(one, own_address=True) + _sums(ten, own_address=True),
        ),
    ]
    kept = (one.on_top(), one.on_top(), ten.on_top(), ten.on_top())
    rows += [
        _row(lines[0].name, [each.dollars for each in lines]) for lines in zip(*kept, strict=True)
    ]
    whole = [total(work) + total(top) for work, top in zip(ways, kept, strict=True)]
    rows.append(_row("**With the log kept for 30 days, and traffic**", whole))
    return "\n".join(rows)


def _sums(stack: Stack, **how: bool) -> list[float]:
    return [total(stack.work(by_the_hour=by_the_hour, **how)) for by_the_hour in (False, True)]


def _row(name: str, dollars: Sequence[float]) -> str:
    return f"| {name} | " + " | ".join(f"${each:.2f}" for each in dollars) + " |"


def stacks(path: Path = MEASURED) -> tuple[Stack, Stack]:
    """What was measured: one to one, and one to ten."""
    measured = json.loads(path.read_text())["stacks"]
    return Stack(1, measured["1"]), Stack(10, measured["10"])
