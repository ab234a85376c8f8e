"""Are the units that this bench counts those that DynamoDB charges? `python -m bench.units`.

Events go to one endpoint and to ten, once over moto, where the units are counted from what is
written and read, and, where `make dynamodb-local` has started one, over Amazon's DynamoDB Local,
which tells itself what each call consumed. It ends with 1 where the two differ.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import redirect_stdout
from threading import local
from typing import Any

import botocore.handlers

from bench.meter import Bill
from bench.sizes import read_units
from bench.world import World, a_world, long_enough
from tests.contract.http.endpoints import OK, answering
from tests.worlds import dynamodb_local

EVENTS = 20


class Told:
    """What DynamoDB says that calls consumed, of tables and their indexes, by table.

    DynamoDB Local charges nothing for what batches and queries do not find. AWS charges the least:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    """

    def __init__(self) -> None:
        self.units: defaultdict[str, float] = defaultdict(float)
        self._handlers = [
            ("before-call.dynamodb", self._ask),
            ("after-call.dynamodb", self._note),
        ]
        self._asked = local()

    def install(self) -> None:
        """From here on; clients made before do not ask."""
        botocore.handlers.BUILTIN_HANDLERS.extend(self._handlers)

    def remove(self) -> None:
        """Clients made from here on do not ask."""
        for each in self._handlers:
            botocore.handlers.BUILTIN_HANDLERS.remove(each)

    def _ask(self, params: dict[str, Any], **_: object) -> None:
        self._asked.request = json.loads(params["body"]) | {"ReturnConsumedCapacity": "TOTAL"}
        params["body"] = json.dumps(self._asked.request).encode()

    def _note(self, parsed: Mapping[str, Any], model: Any, **_: object) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        for each in consumed if isinstance(consumed, list) else [consumed]:
            self.units[each["TableName"]] += each["CapacityUnits"]
        request = self._asked.request
        match model.name:
            case "BatchGetItem":
                for table, wanted in request["RequestItems"].items():
                    missing = len(wanted["Keys"]) - len(parsed["Responses"].get(table, ()))
                    self.units[table] += missing * _least(wanted)
            case "Query" if not parsed["Count"]:
                self.units[request["TableName"]] += _least(request)


def _least(request: Mapping[str, Any]) -> float:
    return read_units(0, consistent=bool(request.get("ConsistentRead")))


def happy_path(webhooks: int) -> tuple[dict[str, float], dict[str, float]]:
    """The units of some events published, fanned out and sent: as counted here, and as told."""
    told = Told()
    with answering(OK) as endpoint:
        urls = [f"http://127.0.0.1:{endpoint.port}/{number}" for number in range(webhooks)]
        with a_world(urls, told.install) as world:
            told.units.clear()
            with world.meter.reading() as bill:
                _send(world)
            told.remove()
            return _by_table(bill), dict(told.units)


def _send(world: World) -> None:
    ids = [world.publish() for _ in range(EVENTS)]
    failed = world.fanout.stream([world.stream_record(each) for each in ids], "bench", lambda: True)
    while messages := world.messages("deliveries"):
        failed = [*failed, *world.sender(messages, long_enough)]
    if failed:
        raise RuntimeError(f"not all was done: {failed}")


def _by_table(bill: Bill) -> dict[str, float]:
    units: defaultdict[str, float] = defaultdict(float)
    for counted in (bill.write_units, bill.read_units):
        for table, count in counted.items():
            units[table.partition("/")[0]] += count
    return dict(units)


def main() -> int:
    logging.disable()
    same = True
    for webhooks in (1, 10):
        with redirect_stdout(io.StringIO()):  # metrics are log lines
            counted, told = happy_path(webhooks)
        print(f"{EVENTS} events, each to {webhooks}: units by table")
        for table in sorted(counted | told):
            ours, theirs = counted.get(table, 0), told.get(table, 0)
            beside = f" {theirs:8g}" if dynamodb_local.is_up() else ""
            print(f"  {table:32} {ours:8g}{beside}")
            same = same and ours == theirs
    return 0 if same or not dynamodb_local.is_up() else 1


if __name__ == "__main__":
    sys.exit(main())
