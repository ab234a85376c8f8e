"""docs/architecture.md says of each function and table what the roles of the template allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.template import resources, statements

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
TABLES = {
    logical_id: table["TableName"]["Fn::Sub"].removeprefix("hookline-${Stage}-")
    for logical_id, table in resources("AWS::DynamoDB::Table").items()
}
FUNCTIONS = {
    f"{name}Role": re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
    for name in ("Api", "Fanout", "Sender", "Scheduler", "Inbound", "InboundWorker")
}
READS = {"GetItem", "BatchGetItem", "Query"}
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}


def row(section: str, name: str) -> list[str]:
    """The cells of the section's row that begins with this name."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    (found,) = re.findall(rf"^\| `{name}` \| (.*) \|$", text, re.MULTILINE)
    cells: list[str] = found.split(" | ")
    return cells


def allowed(actions: set[str]) -> set[tuple[str, str]]:
    """Which function may do any of these with which table, or one of its indexes."""
    return {
        (FUNCTIONS[role], table)
        for role, properties in resources("AWS::IAM::Role").items()
        for statement in statements(properties)
        if actions & {action.partition(":")[2] for action in _list(statement["Action"])}
        for table in _tables(statement["Resource"])
    }


def _tables(named: object) -> Iterator[str]:
    for each in _list(named):
        if isinstance(each, dict):
            text = str(each.get("Fn::GetAtt") or each.get("Fn::Sub"))
            logical_id = re.sub(r"[${}]", "", text).partition(".")[0]
            if logical_id in TABLES:
                yield TABLES[logical_id]


def _list[T](value: T | list[T]) -> list[T]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_a_functions_row_names_the_tables_that_it_writes(function: str) -> None:
    named = set(re.findall(r"`([a-z-]+)`", row("Functions", function)[-1]))
    assert named == {table for writer, table in allowed(WRITES) if writer == function}


@pytest.mark.parametrize("table", TABLES.values())
def test_a_tables_row_names_the_functions_that_read_it(table: str) -> None:
    named = set(re.findall(r"[a-z_]+", row("Tables", table)[-1])) & set(FUNCTIONS.values())
    readers = {function for function, read in allowed(READS) if read == table}
    writers = {function for function, written in allowed(WRITES) if written == table}
    assert readers <= named <= readers | writers


@pytest.mark.parametrize("logical_id", TABLES)
def test_a_tables_row_has_its_keys_and_those_of_its_indexes(logical_id: str) -> None:
    table = resources("AWS::DynamoDB::Table")[logical_id]
    keys, holds, _ = row("Tables", TABLES[logical_id])
    assert re.findall(r"(?:^|· )`(\w+)`", keys) == _key(table)
    for index in table.get("GlobalSecondaryIndexes", ()):
        (said,) = re.findall(rf"Index `{index['IndexName']}` \((.*?)\):?", holds)
        assert re.findall(r"(?:^|· )`(\w+)`", said) == _key(index)


def _key(of: dict[str, list[dict[str, str]]]) -> list[str]:
    return [each["AttributeName"] for each in of["KeySchema"]]
