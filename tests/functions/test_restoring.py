"""The runbook's task of putting lost tables back, in the order that it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.contract.http.endpoints import OK, answering
from tests.worlds.resources import table_name
from tests.worlds.stack import Stack, a_stack

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def order_of_the_runbook(lost: str) -> list[str]:
    """The tables to put back, in order."""
    (row,) = re.findall(rf"^\| {re.escape(lost)} \| (.*) \|$", PAGE, re.MULTILINE)
    return re.findall(r"`([a-z-]+)` \(`", row)


def lose(stack: Stack, table: str) -> list[dict[str, Any]]:
    """Every item of a table, which has none afterwards; a restored copy would still."""
    name = table_name(table)
    items = stack.dynamodb.scan(TableName=name)["Items"]
    for item in items:
        key = {attribute: item[attribute] for attribute in key_of(stack, name)}
        stack.dynamodb.delete_item(TableName=name, Key=key)
    return items


def put_back(stack: Stack, table: str, items: Sequence[Mapping[str, Any]]) -> None:
    """As the runbook does it: what is there stays. An event enters the stream again."""
    name = table_name(table)
    for item in items:
        with suppress(stack.dynamodb.exceptions.ConditionalCheckFailedException):
            stack.dynamodb.put_item(
                TableName=name,
                Item=item,
                ConditionExpression="attribute_not_exists(#key)",
                ExpressionAttributeNames={"#key": key_of(stack, name)[0]},
            )
    if table == "events":
        stack.fan_out_again()


def key_of(stack: Stack, name: str) -> list[str]:
    schema = stack.dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]
    return [each["AttributeName"] for each in schema]


def test_events_and_deliveries_put_back_are_not_delivered_again() -> None:
    tables = order_of_the_runbook("events, deliveries, attempts")
    assert set(tables) == {"events", "fan-outs", "deliveries", "attempts"}
    with a_stack() as stack, answering(OK) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/hook"
        hook = {"name": "n", "events": ["*"], "url": url}
        stack.acme("POST", "/webhooks", hook)
        stack.acme("POST", "/events", {"type": "order.paid"})
        stack.deliver()
        assert len(endpoint.requests) == 1
        restored = {table: lose(stack, table) for table in tables}
        for table in tables:
            put_back(stack, table, restored[table])
            stack.deliver()
            assert stack.schedule()
            stack.deliver()
            assert len(endpoint.requests) == 1, f"delivered again once {table} were put back"
