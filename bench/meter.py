"""Counts what functions ask of AWS, and what DynamoDB would charge for it, by botocore's events."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from threading import Lock, local
from typing import TYPE_CHECKING, Any, cast

import botocore.handlers

from bench.sizes import Wire, item_bytes, read_units, write_units

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(slots=True)
class Bill:
    """What a piece of work asked for.

    ``calls`` by ``service.Operation``; ``write_units`` and ``stored_bytes`` (what the items weigh
    in the end) by table; ``read_units`` by table.
    """

    calls: Counter[str] = field(default_factory=Counter)
    write_units: Counter[str] = field(default_factory=Counter)
    read_units: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    stored_bytes: Counter[str] = field(default_factory=Counter)

    def total_calls(self) -> int:
        """Over all services."""
        return sum(self.calls.values())

    def as_json(self) -> dict[str, dict[str, float]]:
        """By the fields' names; `Bill.from_json` reads it back."""
        return {field.name: dict(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, document: Mapping[str, Mapping[str, Any]]) -> Bill:
        """What `as_json` made."""
        return cls(
            calls=Counter(document["calls"]),
            write_units=Counter(document["write_units"]),
            read_units=defaultdict(float, document["read_units"]),
            stored_bytes=Counter(document["stored_bytes"]),
        )


class Meter:
    """Watches every client made from its installation on; ``plain`` was made before that."""

    def __init__(self, plain: DynamoDBClient) -> None:
        self._plain = plain
        self._bill: Bill | None = None
        self._lock = Lock()
        self._before = local()

    def install(self) -> None:
        """From here on; clients made before are not watched."""
        botocore.handlers.BUILTIN_HANDLERS.append(("before-call", self._on_call))
        botocore.handlers.BUILTIN_HANDLERS.append(("after-call", self._on_answer))

    @contextmanager
    def reading(self) -> Iterator[Bill]:
        """The bill of what happens in the block."""
        self._bill = bill = Bill()
        try:
            yield bill
        finally:
            self._bill = None

    def _on_call(self, model: Any, params: Any, **_: Any) -> None:
        if self._bill is None:
            return
        service, operation = model.service_model.service_name, model.name
        request = json.loads(params["body"] or "{}") if service == "dynamodb" else {}
        self._before.request = request
        self._before.item = None
        if operation == "UpdateItem":
            self._before.item = self._item(request["TableName"], request["Key"])
        with self._lock:
            self._bill.calls[f"{service}.{operation}"] += 1

    def _on_answer(self, model: Any, parsed: Any, **_: Any) -> None:
        if self._bill is None or model.service_model.service_name != "dynamodb":
            return
        request = self._before.request
        with self._lock:
            self._note_writes(model.name, request)
            self._note_reads(model.name, request, parsed)

    def _note_writes(self, operation: str, request: Any) -> None:
        match operation:
            case "PutItem":
                self._written(request["TableName"], None, request["Item"])
            case "BatchWriteItem":
                for table, requests in request["RequestItems"].items():
                    for each in requests:
                        self._written(table, None, each["PutRequest"]["Item"])
            case "UpdateItem":
                after = self._item(request["TableName"], request["Key"])
                self._written(request["TableName"], self._before.item, after or {})

    def _note_reads(self, operation: str, request: Any, parsed: Any) -> None:
        match operation:
            case "BatchGetItem":
                for table, wanted in request["RequestItems"].items():
                    items = parsed.get("Responses", {}).get(table, [])
                    missing = [0] * (len(wanted["Keys"]) - len(items))
                    for size in [*map(item_bytes, items), *missing]:
                        self._read(table, size, wanted)
            case "GetItem":
                self._read(request["TableName"], item_bytes(parsed.get("Item", {})), request)
            case "Query":
                size = sum(map(item_bytes, parsed.get("Items", [])))
                self._read(request["TableName"], size, request)

    def _written(self, table: str, before: Wire | None, after: Wire) -> None:
        if self._bill is None:
            return
        old = item_bytes(before) if before else 0
        new = item_bytes(after)
        self._bill.write_units[table] += write_units(max(old, new))
        self._bill.stored_bytes[table] += new - old
        if "waiting_for" in after or (before and "waiting_for" in before):
            self._bill.write_units[f"{table}/due"] += 1

    def _read(self, table: str, size: int, request: Any) -> None:
        if self._bill is not None:
            consistent = bool(request.get("ConsistentRead"))
            self._bill.read_units[table] += read_units(size, consistent=consistent)

    def _item(self, table: str, key: Wire) -> Wire | None:
        answer = self._plain.get_item(TableName=table, Key=key, ConsistentRead=True)
        return cast("Wire | None", answer.get("Item"))
