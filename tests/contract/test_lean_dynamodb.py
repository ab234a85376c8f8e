"""The lean client asks of DynamoDB what botocore's own asks, and hears what that hears."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from hookline.adapters.aws import Clients, translated
from hookline.errors import Unavailable
from tests.contract.tables import create_tables, table_name

KEY = {"event": {"S": "acme#evt_1"}}
ITEM: dict[str, Any] = {
    **KEY,
    "data": {"S": 'ü \N{GRINNING FACE} "quoted" \\ \n'},
    "actor": {"M": {"id": {"S": "usr_1"}, "tags": {"L": [{"S": "a"}, {"BOOL": True}]}}},
    "ttl": {"N": "1798223461"},
    "names": {"SS": ["a", "b"]},
}
TABLE = table_name("events")
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"TableName": TABLE, "Item": ITEM}),
    ("get_item", {"TableName": TABLE, "Key": KEY, "ConsistentRead": True}),
    (
        "update_item",
        {
            "TableName": TABLE,
            "Key": KEY,
            "UpdateExpression": "SET #t = :t",
            "ExpressionAttributeNames": {"#t": "ttl"},
            "ExpressionAttributeValues": {":t": {"N": "1.5"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [KEY], "ConsistentRead": True}}}),
    ("batch_write_item", {"RequestItems": {TABLE: [{"PutRequest": {"Item": ITEM}}]}}),
    (
        "query",
        {
            "TableName": TABLE,
            "KeyConditionExpression": "event = :e",
            "ExpressionAttributeValues": {":e": KEY["event"]},
            "Limit": 5,
        },
    ),
    (
        "put_item",  # refused, with the item that stands
        {
            "TableName": TABLE,
            "Item": ITEM,
            "ConditionExpression": "attribute_not_exists(event)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
]


@pytest.fixture(autouse=True)
def _tables(aws_environment: None) -> None:
    create_tables(Clients().dynamodb())
    Clients().dynamodb().put_item(TableName=TABLE, Item=ITEM)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, and what came back."""

    url: str
    method: str
    headers: dict[str, str]
    body: object
    answer: object
    refusal: object


SAME = ("Content-Type", "X-Amz-Target", "X-Amz-Security-Token")
"""Headers that hold nothing of their call's time or client."""


def text(header: object) -> str:
    return header.decode() if isinstance(header, bytes) else str(header)


def exchange(client: Any, operation: str, parameters: dict[str, Any]) -> Exchange:
    """One call, its answer without what tells of the call alone."""
    requests: list[AWSPreparedRequest] = []
    client.meta.events.register_first(
        "before-send.dynamodb", lambda request, **_: requests.append(request)
    )
    answer = refusal = None
    try:
        answer = getattr(client, operation)(**parameters)
    except ClientError as error:
        refusal = error.response["Error"], error.response.get("Item")
    else:
        answer.pop("ResponseMetadata", None)
    (request,) = requests
    return Exchange(
        url=str(request.url),
        method=str(request.method),
        headers={name: text(request.headers.get(name)) for name in SAME},
        body=json.loads(request.body or b""),
        answer=answer,
        refusal=refusal,
    )


@pytest.mark.parametrize(("operation", "parameters"), CALLS)
def test_a_lean_call_is_the_one_that_botocore_makes(
    operation: str, parameters: dict[str, Any]
) -> None:
    plain = botocore.session.get_session().create_client("dynamodb")
    expected = exchange(plain, operation, parameters)
    assert exchange(Clients().dynamodb(), operation, parameters) == expected


def test_a_value_that_is_not_json_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        Clients().dynamodb().put_item(TableName=TABLE, Item={"event": {"B": b"bytes"}})


class Garbled:
    """What a proxy in between may answer with."""

    def stream(self) -> Iterator[bytes]:
        yield b"<html>"


def test_an_answer_that_is_no_json_is_an_outage() -> None:
    client: Any = Clients().dynamodb()
    client.meta.events.register_first(
        "before-send.dynamodb",
        lambda request, **_: AWSResponse(request.url, 200, HTTPHeaders(), Garbled()),
    )
    with pytest.raises(Unavailable, match="not JSON"), translated():
        client.get_item(TableName=TABLE, Key=KEY)
