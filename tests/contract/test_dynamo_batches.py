"""Batches on DynamoDB: only what was left over is asked for again, and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.dynamo.table.attributes import Item
from hookline.adapters.dynamo.table.batches import Batches
from hookline.errors import Unavailable
from tests.contract.faults import Watched
from tests.worlds.resources import create_tables, table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVENTS = table_name("events")


@pytest.fixture
def client(aws_environment: None) -> DynamoDBClient:
    client = Clients(validate=True).dynamodb()
    create_tables(client, "events")
    return client


@pytest.fixture
def watched(client: DynamoDBClient) -> Watched:
    return Watched(client)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def batches(client: DynamoDBClient, watched: Watched, waits: list[float]) -> Batches:
    return Batches(client, sleep=waits.append, jitter=lambda: 1.0)


def items(count: int) -> list[Item]:
    return [{"event": f"acme#{number:03d}", "n": number} for number in range(count)]


def wanted(count: int) -> list[tuple[str, Item]]:
    return [(EVENTS, {"event": item["event"]}) for item in items(count)]


def sizes(watched: Watched, operation: str) -> list[int]:
    return [
        len(each["Keys"] if isinstance(each, dict) else each)
        for parameters in watched.parameters(operation)
        for each in parameters["RequestItems"].values()
    ]


def found(batches: Batches, count: int) -> list[Any]:
    return sorted(item["n"] for item in batches.get(wanted(count)).get(EVENTS, ()))


def test_writes_go_25_to_a_call_and_reads_100(batches: Batches, watched: Watched) -> None:
    batches.put(EVENTS, items(130))
    assert found(batches, 130) == [*range(130)]
    assert sizes(watched, "BatchWriteItem") == [25, 25, 25, 25, 25, 5]
    assert sizes(watched, "BatchGetItem") == [100, 30]


def test_nothing_costs_no_call(batches: Batches, watched: Watched) -> None:
    batches.put(EVENTS, [])
    assert batches.get([]) == {}
    assert not watched.calls


def test_a_key_asked_for_twice_is_read_once(batches: Batches, watched: Watched) -> None:
    batches.put(EVENTS, items(1))
    assert [*batches.get(wanted(1) * 3)[EVENTS]] == items(1)
    assert sizes(watched, "BatchGetItem") == [1]


def test_only_the_unprocessed_items_are_written_again(
    batches: Batches, watched: Watched, waits: list[float]
) -> None:
    watched.partly["BatchWriteItem"] = [10, 0]
    batches.put(EVENTS, items(25))
    assert sizes(watched, "BatchWriteItem") == [25, 15, 15]
    assert waits == [0.05, 0.1]
    assert found(batches, 25) == [*range(25)]


def test_only_the_unprocessed_keys_are_read_again(
    batches: Batches, watched: Watched, waits: list[float]
) -> None:
    batches.put(EVENTS, items(30))
    watched.partly["BatchGetItem"] = [4, 20]
    assert found(batches, 30) == [*range(30)]
    assert sizes(watched, "BatchGetItem") == [30, 26, 6]
    assert waits == [0.05, 0.1]


def test_waits_grow_to_two_seconds_and_then_it_is_unavailable(
    batches: Batches, watched: Watched, waits: list[float]
) -> None:
    watched.partly["BatchWriteItem"] = [0] * 20
    with pytest.raises(Unavailable, match="BatchWriteItem"):
        batches.put(EVENTS, items(3))
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
    assert watched.calls["BatchWriteItem"] == 8


def test_waits_are_shortened_at_random(client: DynamoDBClient, watched: Watched) -> None:
    waits: list[float] = []
    batches = Batches(client, sleep=waits.append, jitter=lambda: 0.25)
    watched.partly["BatchWriteItem"] = [0]
    batches.put(EVENTS, items(1))
    assert waits == [0.0125]


def test_a_batch_that_aws_refuses_is_unavailable(batches: Batches, watched: Watched) -> None:
    watched.refused["BatchWriteItem"] = "AccessDeniedException"
    with pytest.raises(Unavailable, match="BatchWriteItem: AccessDeniedException"):
        batches.put(EVENTS, items(1))


def test_a_batch_whose_replies_get_lost_is_written_all_the_same(
    batches: Batches, watched: Watched
) -> None:
    watched.reply_lost["BatchWriteItem"] = 3
    batches.put(EVENTS, items(5))
    assert found(batches, 5) == [*range(5)]
    assert watched.calls["BatchWriteItem"] == 4


def test_a_batch_that_never_gets_through_is_unavailable(batches: Batches, watched: Watched) -> None:
    watched.never_sent["BatchWriteItem"] = 4
    with pytest.raises(Unavailable, match="EndpointConnectionError"):
        batches.put(EVENTS, items(5))


def test_only_tables_that_may_lag_are_read_eventually_consistently(
    batches: Batches, watched: Watched
) -> None:
    batches.put(EVENTS, items(1))
    batches.get(wanted(1))
    batches.get(wanted(1), lagging=[EVENTS])
    requests = [each["RequestItems"][EVENTS] for each in watched.parameters("BatchGetItem")]
    assert [request["ConsistentRead"] for request in requests] == [True, False]


def test_a_batch_that_is_throttled_as_a_whole_is_left_over_as_a_part_of_it_would_be(
    batches: Batches, watched: Watched
) -> None:
    batches.put(EVENTS, items(3))
    watched.refused["BatchGetItem"] = "ProvisionedThroughputExceededException"
    left: list[Item] = []
    assert batches.get(wanted(3), throttled=left) == {}
    assert left == [key for _, key in wanted(3)]
    with pytest.raises(Unavailable, match="ProvisionedThroughputExceeded"):
        batches.get(wanted(3))


def test_what_is_no_throttle_is_unavailable_whoever_asks(
    batches: Batches, watched: Watched
) -> None:
    watched.refused["BatchGetItem"] = "ResourceNotFoundException"
    with pytest.raises(Unavailable, match="ResourceNotFound"):
        batches.get(wanted(3), throttled=[])
