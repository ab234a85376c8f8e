"""Calls that AWS took and whose replies got lost: the client repeats them, and nothing shows it.

botocore itself repeats a request whose connection broke. The repeat meets what the first one wrote
and must not take it for somebody else's work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.domain.delivery.delivery import OnTheClock, Status
from hookline.domain.fan_out.fan_out import Stretch
from hookline.domain.lease import Lease
from hookline.errors import Unavailable
from hookline.ports.deliveries import Replaced
from hookline.ports.events import Bookmark
from hookline.ports.requests import Fresh, IdempotentRequest
from hookline.ports.webhooks import Saved
from tests.builders import (
    EVENT_ID,
    NOW,
    PRINCIPAL,
    TENANT,
    a_delivery,
    a_fan_out,
    a_health,
    a_match,
    a_retrying_delivery,
    a_webhook,
    an_attempt,
    an_event,
    an_id,
)
from tests.contract.faults import Watched
from tests.contract.ports import Ports, on_aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def client(aws_environment: None) -> DynamoDBClient:
    return Clients(validate=True).dynamodb()


@pytest.fixture
def ports(client: DynamoDBClient, sqs: SQSClient) -> Ports:
    return on_aws(client, sqs)


@pytest.fixture
def watched(client: DynamoDBClient, ports: Ports) -> Watched:
    return Watched(client)


def test_an_event_is_accepted_once_and_no_duplicate_of_itself(
    ports: Ports, watched: Watched
) -> None:
    watched.reply_lost["PutItem"] = 2
    assert ports.events.accept(an_event())
    assert watched.calls["PutItem"] == 3
    assert not ports.events.accept(an_event())


def test_a_claim_stays_its_runs_own(ports: Ports, watched: Watched) -> None:
    watched.reply_lost["PutItem"] = 1
    assert ports.fan_outs.claim(a_fan_out())


def test_a_step_of_matching_moves_its_record(ports: Ports, watched: Watched) -> None:
    fan_out = a_fan_out(open=True)
    ports.fan_outs.claim(fan_out)
    watched.reply_lost["PutItem"] = 1
    watched.reply_lost["UpdateItem"] = 1
    after = ports.fan_outs.extend(fan_out, Stretch((a_match(),), None, finished=True))
    assert after is not None
    assert ports.fan_outs.get(TENANT, NOW, EVENT_ID) == after
    assert ports.fan_outs.chunk(after, 1) == (a_match(),)


def test_a_lease_is_still_the_holders_but_may_not_be_its_first(
    ports: Ports, watched: Watched
) -> None:
    fan_out = a_fan_out(open=True)
    ports.fan_outs.claim(fan_out)
    ports.fan_outs.extend(fan_out, Stretch((a_match(),), None, finished=True))
    watched.reply_lost["UpdateItem"] = 1
    assert ports.fan_outs.lease(fan_out, 1, "run-2", NOW) is Lease.AGAIN


def test_a_result_is_recorded_once(ports: Ports, watched: Watched) -> None:
    before = a_retrying_delivery(waiting=OnTheClock(NOW))
    ports.new_deliveries.create([before])
    after = replace(
        before,
        status=Status.SUCCESS,
        sequence=2,
        attempt_count=2,
        waiting=None,
        last_attempt=an_attempt(number=2),
    )
    watched.reply_lost["PutItem"] = 1
    watched.reply_lost["UpdateItem"] = 1
    assert ports.delivery_changes.replace(before, after) == Replaced()
    assert [each.number for each in ports.delivery_log.attempts(after, 50)] == [1, 2]


def test_a_change_of_health_is_ones_own(ports: Ports, watched: Watched) -> None:
    watched.reply_lost["UpdateItem"] = 1
    assert ports.health.replace(a_health(), a_health(has_waiting=True))
    assert not ports.health.replace(a_health(), a_health(has_waiting=True))


def test_webhooks_are_created_edited_and_deleted_once(ports: Ports, watched: Watched) -> None:
    webhook = a_webhook(name="old")
    edited = replace(webhook, version=2, name="new", events=("other",))
    watched.reply_lost["TransactWriteItems"] = 1
    assert ports.webhook_changes.create(webhook) == Saved()
    watched.reply_lost["TransactWriteItems"] = 1
    assert ports.webhook_changes.replace(webhook, edited) == Saved()
    watched.reply_lost["TransactWriteItems"] = 1
    assert ports.webhook_changes.delete(edited) == Saved()
    assert ports.webhooks.get(TENANT, webhook.id) is None


def test_a_request_that_was_begun_is_fresh(ports: Ports, watched: Watched) -> None:
    request = IdempotentRequest(PRINCIPAL, "POST /v1/x", "key", "digest")
    watched.reply_lost["PutItem"] = 1
    assert isinstance(ports.idempotency.begin(request, NOW, timedelta(minutes=1)), Fresh)


def test_a_bookmark_is_moved(ports: Ports, watched: Watched) -> None:
    watched.reply_lost["UpdateItem"] = 1
    assert ports.bookmarks.move(TENANT, None, Bookmark(NOW, EVENT_ID))


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("PutItem", lambda ports: ports.events.accept(an_event())),
        ("GetItem", lambda ports: ports.events.get(TENANT, EVENT_ID)),
        ("Query", lambda ports: ports.subscriptions.under(TENANT, ["*"])),
        ("UpdateItem", lambda ports: ports.health.add_failures(TENANT, a_webhook().id, [], NOW)),
        ("TransactWriteItems", lambda ports: ports.webhook_changes.create(a_webhook())),
        ("BatchGetItem", lambda ports: ports.deliveries.get_many([a_delivery().key])),
        ("BatchWriteItem", lambda ports: ports.new_deliveries.create([a_delivery()])),
    ],
)
def test_what_never_gets_through_is_unavailable(
    ports: Ports, watched: Watched, operation: str, act: Callable[[Ports], object]
) -> None:
    watched.never_sent[operation] = 9
    with pytest.raises(Unavailable):
        act(ports)
    assert watched.calls[operation] == 4


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InternalServerError"])
def test_a_write_that_is_refused_for_no_condition_is_unavailable(
    ports: Ports, watched: Watched, code: str
) -> None:
    ports.new_deliveries.create([a_delivery()])
    watched.refused["UpdateItem"] = watched.refused["PutItem"] = code
    for act in (
        lambda: ports.events.accept(an_event()),
        lambda: ports.fan_outs.claim(a_fan_out()),
        lambda: ports.delivery_changes.replace(a_delivery(), a_delivery(generation=1)),
        lambda: ports.health.replace(a_health(), a_health(has_waiting=True)),
        lambda: ports.bookmarks.rewind(TENANT, Bookmark(NOW, EVENT_ID)),
    ):
        with pytest.raises(Unavailable, match=code):
            act()


def test_what_somebody_did_to_a_delivery_whose_creation_is_repeated_stays(
    ports: Ports, client: DynamoDBClient, watched: Watched
) -> None:
    delivery, other = a_delivery(), a_delivery(webhook_id=an_id("wh"))
    cancelled = replace(delivery, status=Status.CANCELLED)
    seen: list[str] = []

    def cancels_before_the_second(event_name: str, **_: object) -> None:
        seen.append(event_name.rpartition(".")[2])
        if len(seen) == 2:
            assert ports.delivery_changes.replace(delivery, cancelled) == Replaced()

    client.meta.events.register_first("before-send.dynamodb", cancels_before_the_second)
    watched.reply_lost["BatchWriteItem"] = 1
    ports.new_deliveries.create([delivery, other])
    assert seen[0] == "BatchWriteItem"
    stands = ports.delivery_changes.get(delivery.key)
    assert stands is not None
    assert stands.status is Status.CANCELLED
    assert ports.delivery_changes.get(other.key) == other
