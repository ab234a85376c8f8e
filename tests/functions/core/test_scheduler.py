"""The scheduler function: a minute passes; tables and queues out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import OnItsWebhook, OnTheClock, Status
from hookline.domain.lease import LEASE
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable
from tests.contract.http.endpoints import answering
from tests.functions.core.conftest import (
    Deployment,
    events_of_the_stream,
    example,
    with_arn,
)
from tests.functions.core.test_sender import FAILING, prepare

MINUTE = timedelta(minutes=1)


def test_lost_first_attempts_are_found_and_sent(deployment: Deployment) -> None:
    prepare(deployment, 9)
    deployment.clock.advance(LEASE + MINUTE)
    assert deployment.scheduler()
    assert len(deployment.bodies("retries")) == 2
    for event in events_of_the_stream():
        waiting = deployment.delivery(event).waiting
        assert waiting == OnTheClock(deployment.clock() + LEASE)


def test_a_round_with_nothing_to_do_does_nothing(deployment: Deployment) -> None:
    prepare(deployment, 9)
    assert deployment.scheduler()
    assert deployment.bodies("retries") == []


def test_lost_retries_are_found_and_sent(deployment: Deployment) -> None:
    with answering(FAILING) as endpoint:
        prepare(deployment, endpoint.port)
        deployment.sender(with_arn(example("sender_deliveries"), "deliveries"))
    deployment.sqs.purge_queue(QueueUrl=deployment.queues["retries"])
    deployment.clock.advance(LEASE + MINUTE)
    assert deployment.scheduler()
    assert {body["sequence"] for body in deployment.bodies("retries")} == {1}


def test_held_deliveries_go_on_once_their_webhook_is_on_again(deployment: Deployment) -> None:
    prepare(deployment, 9)
    event = events_of_the_stream()[0]
    key = deployment.delivery(event).key
    webhook = deployment.webhooks.get(key.tenant, key.webhook_id)
    assert webhook is not None
    off = _switched(webhook, enabled=False)
    deployment.webhook_changes.replace(webhook, off)
    deployment.sender(with_arn(example("sender_deliveries"), "deliveries"))
    assert isinstance(deployment.delivery(event).waiting, OnItsWebhook)
    deployment.clock.advance(MINUTE)
    assert deployment.scheduler()
    assert deployment.bodies("retries") == []
    deployment.webhook_changes.replace(off, _switched(off, enabled=True))
    assert deployment.scheduler("round-2")
    assert len(deployment.bodies("retries")) == 2
    assert deployment.delivery(event).status is Status.CREATED


def _switched(webhook: Webhook, *, enabled: bool) -> Webhook:
    return replace(webhook, version=webhook.version + 1, enabled=enabled)


def test_a_round_of_which_a_part_failed_raises_for_the_alarms(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Context:
        aws_request_id = "round-1"

        def get_remaining_time_in_millis(self) -> int:
            return 60_000

    deployment.handler("hookline_scheduler")(example("scheduler_tick"), Context())
    monkeypatch.setenv("SCHEDULE_TABLE", "no-such-table")
    with pytest.raises(Unavailable):
        deployment.handler("hookline_scheduler")(example("scheduler_tick"), Context())
