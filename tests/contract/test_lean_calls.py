"""The lean clients ask of AWS what botocore's own ask, and hear what those hear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, EndpointConnectionError

from hookline.adapters.aws.clients import Clients, translated
from hookline.errors import Unavailable
from tests.worlds.resources import create_queues, create_tables, table_name

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
    ("put_item", {"TableName": TABLE, "Item": {**KEY, "packed": {"B": b"\x00\xff"}}}),
    ("delete_item", {"TableName": TABLE, "Key": KEY}),
    (
        "transact_write_items",
        {
            "TransactItems": [{"Put": {"TableName": TABLE, "Item": ITEM}}],
            "ClientRequestToken": "made by botocore, if not given",
        },
    ),
    ("get_item", {"TableName": table_name("no-such"), "Key": KEY}),
]
QUEUE = table_name("deliveries")
QUEUE_URL = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{QUEUE}"
SENDS: list[tuple[str, dict[str, Any]]] = [
    (
        "send_message_batch",
        {
            "QueueUrl": QUEUE_URL,
            "Entries": [
                {"Id": "0", "MessageBody": 'ü "quoted" \n', "MessageGroupId": "wh_1"},
                {"Id": "1", "MessageBody": "later", "DelaySeconds": 900},
                {"Id": "2", "MessageBody": "refused", "DelaySeconds": 901},
            ],
        },
    ),
    (
        "change_message_visibility_batch",
        {
            "QueueUrl": QUEUE_URL,
            "Entries": [{"Id": "0", "ReceiptHandle": "unknown", "VisibilityTimeout": 5}],
        },
    ),
    ("send_message_batch", {"QueueUrl": QUEUE_URL + "-gone", "Entries": []}),
]


@pytest.fixture(autouse=True)
def _tables_and_queues(aws_environment: None) -> None:
    clients = Clients()
    create_tables(clients.dynamodb())
    clients.dynamodb().put_item(TableName=TABLE, Item=ITEM)
    create_queues(clients.sqs(), "deliveries")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, and what came back."""

    url: str
    method: str
    headers: dict[str, str]
    body: object
    answer: object
    refusal: object


SAME = ("Content-Type", "X-Amz-Target", "X-Amz-Security-Token", "x-amzn-query-mode")
"""Headers that hold nothing of their call's time or client."""


def text(header: object) -> str:
    return header.decode() if isinstance(header, bytes) else str(header)


def exchange(client: Any, operation: str, parameters: dict[str, Any]) -> Exchange:
    """One call, its answer without what tells of the call alone."""
    requests: list[AWSPreparedRequest] = []
    client.meta.events.register_first("before-send", lambda request, **_: requests.append(request))
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
        body=json.loads(text(request.body)),
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


def test_a_transaction_is_named_once_however_often_it_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    client, stub = stubbed(BROKEN, (200, b"{}"), (200, b"{}"))
    for _ in range(2):
        client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": ITEM}}])
    first, again, other = (
        json.loads(text(request.body))["ClientRequestToken"] for request in stub.asked
    )
    assert first == again != other


@pytest.mark.parametrize(("operation", "parameters"), SENDS)
def test_so_is_one_to_a_queue(operation: str, parameters: dict[str, Any]) -> None:
    plain = botocore.session.get_session().create_client("sqs")
    expected = exchange(plain, operation, parameters)
    lean = exchange(Clients().sqs(), operation, parameters)
    for answer in (expected.answer, lean.answer):
        for sent in answer.get("Successful", ()) if isinstance(answer, dict) else ():
            assert sent.pop("MessageId", "one of its own")
    assert lean == expected


def test_a_value_that_is_not_json_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        Clients().dynamodb().put_item(TableName=TABLE, Item={"event": {"B": {1, 2}}})


@dataclass(frozen=True, slots=True)
class Body:
    """What urllib3 reads from the wire."""

    content: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.content


@dataclass(slots=True)
class Stub:
    """Answers in AWS's place, in turn; an exception is raised instead."""

    answers: list[tuple[int, bytes] | Exception]
    asked: list[AWSPreparedRequest] = field(default_factory=list)
    checksum: str | None = None

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        headers = HTTPHeaders()
        if self.checksum:
            headers["x-amz-crc32"] = self.checksum
        return AWSResponse(str(request.url), answer[0], headers, Body(answer[1]))


def stubbed(*answers: tuple[int, bytes] | Exception) -> tuple[Any, Stub]:
    client: Any = Clients().dynamodb()
    stub = Stub(list(answers))
    client.meta.events.register_first("before-send.dynamodb", stub)
    return client, stub


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"Item": '])
def test_an_answer_that_is_no_json_object_is_an_outage(content: bytes) -> None:
    client, _ = stubbed((200, content))
    with pytest.raises(Unavailable, match=r"not (a )?JSON"), translated():
        client.get_item(TableName=TABLE, Key=KEY)


def test_null_in_an_answer_is_as_if_it_were_not_there() -> None:
    client, _ = stubbed((200, b'{"Items": [], "LastEvaluatedKey": null}'))
    answer = client.query(TableName=TABLE)
    assert answer == {"Items": []}


BROKEN = (500, b'{"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}')
THROTTLED = (400, b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}')
UNSENT = EndpointConnectionError(endpoint_url="https://dynamodb")


def test_what_may_pass_is_tried_again_and_signed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    client, stub = stubbed(BROKEN, THROTTLED, UNSENT, (200, json.dumps({"Item": ITEM}).encode()))
    assert client.get_item(TableName=TABLE, Key=KEY)["Item"] == ITEM
    assert len(waits) == 3
    assert all(0 <= wait <= longest for wait, longest in zip(waits, (1, 2, 4), strict=True))
    assert len({id(request) for request in stub.asked}) == 4
    assert len({request.body for request in stub.asked}) == 1
    assert all("Signature=" in request.headers["Authorization"] for request in stub.asked)


@pytest.mark.parametrize(
    ("always", "reason"),
    [
        (BROKEN, "GetItem: InternalServerError"),
        (THROTTLED, "GetItem: ThrottlingException"),
        (UNSENT, "EndpointConnectionError"),
    ],
)
def test_what_does_not_pass_is_an_outage_after_four_attempts(
    monkeypatch: pytest.MonkeyPatch, always: tuple[int, bytes] | Exception, reason: str
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    client, stub = stubbed(*[always] * 5)
    with pytest.raises(Unavailable, match=reason), translated():
        client.get_item(TableName=TABLE, Key=KEY)
    assert len(stub.asked) == 4


def test_an_answer_that_was_damaged_on_its_way_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    meant = json.dumps({"Item": ITEM}).encode()
    client, stub = stubbed(
        *[(200, meant.replace(b"usr_1", b"usr_2")), (200, b'{"It')], (200, meant)
    )
    stub.checksum = str(crc32(meant))
    assert client.get_item(TableName=TABLE, Key=KEY)["Item"] == ITEM
    assert len(stub.asked) == 3


def test_one_that_is_always_damaged_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    client, stub = stubbed(*[(200, b"{}")] * 5)
    stub.checksum = str(crc32(b"{ }"))
    with pytest.raises(Unavailable, match="checksum"), translated():
        client.get_item(TableName=TABLE, Key=KEY)
    assert len(stub.asked) == 4


def test_a_refusal_is_not_tried_again() -> None:
    kind = b"com.amazonaws.dynamodb.v20120810#ValidationException"
    client, stub = stubbed((400, b'{"__type": "%s", "message": "no"}' % kind))
    with pytest.raises(ClientError, match="no"):
        client.get_item(TableName=TABLE, Key=KEY)
    assert len(stub.asked) == 1
