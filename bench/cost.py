"""What deliveries cost: counted calls and kilobytes, measured CPU and log lines, times list prices.

``python -m bench.cost`` prints the tables of docs/cost.md out of what `python -m bench` wrote, or
of the file that is named.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import prices, workload
from bench.meter import Bill
from hookline.services.delivery.lanes import SIDE_BY_SIDE
from hookline.services.fan_out.fan_out import CLAIMS_AT_ONCE
from tests.worlds.template import resources

RESULTS = Path(__file__).parents[1] / ".local" / "bench.json"
GIB = 1024**3
MILLION = 1_000_000

# -- What is assumed, as no bench on one machine can measure it ----------------------------------

AWS_CALL_SECONDS = 0.005
"""One call of DynamoDB or SQS from Lambda, waited for and billed."""
ENDPOINT_SECONDS = 0.1
"""What an endpoint takes to answer."""
BATCH = 10
"""Messages of one sender invocation: full batches, as under load. Alone, each pays for itself."""
ONE_VCPU_MB = 1_769
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
ACCESS_LOG_BYTES = 230
"""A line of the gateway's access log, in template.yaml's format."""
SENT_BYTES = 700 + workload.EVENT_BYTES
"""A request on the wire: its head and the default body."""
ITEM_OVERHEAD_BYTES = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the bill, in dollars per million deliveries."""

    name: str
    dollars: float


class Stack:
    """One measured stack, in which each event goes to ``webhooks`` endpoints."""

    def __init__(self, webhooks: int, figures: Mapping[str, Any]) -> None:
        self._webhooks = webhooks
        self._figures = figures
        self._events: int = figures["events"]
        self._deliveries: int = figures["deliveries"]
        self._bills = {name: Bill.from_json(bill) for name, bill in figures["bills"].items()}

    def work(self) -> Sequence[Line]:
        """What is paid once, when it happens."""
        per_delivery = [
            Line("DynamoDB, written", self._units("write_units") * prices.WRITE_UNIT),
            Line("HTTP API", prices.HTTP_API_REQUEST / self._webhooks),
            Line("Lambda, requests", self._invocations() * prices.LAMBDA_REQUEST),
            Line("Lambda, time", self._gb_seconds() * prices.LAMBDA_GB_SECOND),
            Line("DynamoDB, read", self._units("read_units") * prices.READ_UNIT),
            Line("SQS", self._queue_requests() * _FAIR_REQUEST),
            Line("Logs, taken in", self._logged_bytes() / GIB * prices.LOG_GB),
        ]
        return [Line(line.name, line.dollars * MILLION) for line in per_delivery]

    def on_top(self) -> Sequence[Line]:
        """What the 30 days of the log cost, and the traffic, whoever sends it."""
        gib = self._kept_bytes() / GIB
        per_delivery = [
            Line("Tables, 30 days", gib * prices.TABLE_GB_MONTH),
            Line("Point-in-time recovery, 30 days", gib * prices.RECOVERY_GB_MONTH),
            Line("Logs, 30 days", self._logged_bytes() / GIB * prices.LOG_GB_MONTH),
            Line("Transfer to the internet", SENT_BYTES / GIB * prices.TRANSFER_OUT_GB),
        ]
        return [Line(line.name, line.dollars * MILLION) for line in per_delivery]

    def _units(self, kind: str) -> float:
        units: float = sum(sum(getattr(bill, kind).values()) for bill in self._bills.values())
        return units / self._deliveries

    def _invocations(self) -> float:
        # Fan-out takes all the recorded events in one batch.
        return (1 + 1 / self._events) / self._webhooks + 1 / BATCH

    def _gb_seconds(self) -> float:
        api_calls = self._bills["published"].total_calls() / self._events
        api = self._compute("api", 1) + api_calls * AWS_CALL_SECONDS
        fanout_calls = self._bills["fanned_out"].calls
        claims = fanout_calls["dynamodb.PutItem"]
        in_turn = fanout_calls.total() - claims + claims / CLAIMS_AT_ONCE
        fanout = self._compute("fanout", 1) + in_turn / self._deliveries * AWS_CALL_SECONDS
        waves = math.ceil(BATCH / self._webhooks / SIDE_BY_SIDE)
        waits = AWS_CALL_SECONDS + waves * (ENDPOINT_SECONDS + AWS_CALL_SECONDS)
        sender = (self._compute("sender", BATCH) + waits) / BATCH
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
        return sent + 2 / BATCH  # Lambda receives and deletes ten at a time

    def _logged_bytes(self) -> float:
        logged = self._figures["logged_bytes"]
        per_event: float = logged["published"] / self._events + ACCESS_LOG_BYTES
        per_delivery: float = (logged["fanned_out"] + logged["sent"]) / self._deliveries
        return per_event / self._webhooks + per_delivery

    def _kept_bytes(self) -> float:
        stored = sum(sum(bill.stored_bytes.values()) for bill in self._bills.values())
        items = 2 / self._webhooks + 1  # event and fan-out record; delivery
        return stored / self._deliveries + items * ITEM_OVERHEAD_BYTES


_FAIR_REQUEST = prices.SQS_REQUEST + prices.SQS_FAIR_SURCHARGE


def memory_mb(function: str) -> int:
    """As in template.yaml."""
    functions = resources("AWS::Serverless::Function")
    return int(functions[f"{function.capitalize()}Function"]["MemorySize"])


def total(lines: Sequence[Line]) -> float:
    """Dollars per million deliveries."""
    return sum(line.dollars for line in lines)


def elsewhere() -> Sequence[tuple[str, float, float]]:
    """The same million deliveries with others: one to one, and one to ten."""
    rows = {
        "EventBridge API destinations": (prices.EVENTBRIDGE_EVENT, prices.EVENTBRIDGE_INVOCATION),
        "Svix Cloud, beyond the plan": (prices.SVIX_MESSAGE, 0.0),
        "Hookdeck, beyond the plan": (0.0, prices.HOOKDECK_EVENT),
        "Hookdeck at large volumes": (0.0, prices.HOOKDECK_EVENT_AT_VOLUME),
    }
    return [
        (name, MILLION * (event + delivery), MILLION * (event / 10 + delivery))
        for name, (event, delivery) in rows.items()
    ]


def tables(results: Mapping[str, Any]) -> str:
    """The bill, and the others', as Markdown tables."""
    one, ten = (Stack(n, results["stacks"][str(n)]) for n in (1, 10))
    head = ["| per million deliveries | one to one | one to ten |", "|---|---:|---:|"]
    rows = [_row(a.name, a.dollars, b.dollars) for a, b in zip(one.work(), ten.work(), strict=True)]
    rows.append(_row("**Sent, log written**", total(one.work()), total(ten.work())))
    for of_one, of_ten in zip(one.on_top(), ten.on_top(), strict=True):
        rows.append(_row(of_one.name, of_one.dollars, of_ten.dollars))
    whole = [total(stack.work()) + total(stack.on_top()) for stack in (one, ten)]
    rows.append(_row("**With the log kept for 30 days, and traffic**", *whole))
    others = [_row(*each) for each in elsewhere()]
    return "\n".join([*head, *rows, "", *head, *others])


def _row(name: str, one: float, ten: float) -> str:
    return f"| {name} | ${one:.2f} | ${ten:.2f} |"


def main() -> None:
    """Prints the table."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    print(tables(json.loads(path.read_text())))


if __name__ == "__main__":
    main()
