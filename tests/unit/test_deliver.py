"""Attempts, from the message to what is kept of them and what they cost."""

from __future__ import annotations

from hookline.domain.delivery.call import Answered
from hookline.domain.delivery.delivery import Status
from hookline.domain.webhook.webhook import BearerAuth
from tests.builders import SECOND, TENANT, some_secrets
from tests.engine.endpoints import ADDRESS, CallSeen
from tests.engine.system import System


def test_a_2xx_is_success_and_what_was_sent_and_answered_is_kept(system: System) -> None:
    webhook, event = system.one_event()
    (handled,) = system.run_deliveries()
    delivery = system.delivery(event, webhook)
    assert (delivery.status, delivery.attempt_count) == (Status.SUCCESS, 1)
    assert delivery.last_attempt is not None
    assert delivery.last_attempt.trigger == "schedule"
    assert delivery.last_attempt.request.url == webhook.url
    assert delivery.last_attempt.response is not None
    assert delivery.last_attempt.response.status == 200
    assert handled.outcome == "success"
    assert not system.engine.delivery_queue.messages


def test_a_full_batch_reads_once_and_writes_each_result_and_nothing_else(system: System) -> None:
    system.webhook()
    for _ in range(10):
        system.publish()
    system.run_stream()
    system.engine.steps.names.clear()
    system.run_deliveries()
    system.engine.steps.names.pop("vault.open")  # cached, in use
    assert system.engine.steps.names == {"snapshots.load": 1, "delivery_changes.replace": 10}


def test_secrets_are_in_no_record_of_what_an_echoing_endpoint_answers(system: System) -> None:
    webhook = system.webhook(auth=BearerAuth())
    sealed = system.engine.vault.seal(TENANT, webhook.id, some_secrets(credential="t0p-s3cret"))
    system.edit(webhook, sealed_secrets=sealed)

    def echo(seen: CallSeen) -> Answered:
        authorization = seen.call.headers["Authorization"]
        body = str(dict(seen.call.headers)).encode()
        return Answered(500, (("x-echo", authorization),), body, False, SECOND, ADDRESS)

    system.endpoints.tell(webhook.url, echo)
    event = system.publish()
    system.run_everything()
    attempt = system.delivery(event, webhook).last_attempt
    assert attempt is not None
    assert "t0p-s3cret" not in repr(attempt)
    assert attempt.response is not None
    assert attempt.response.headers == (("x-echo", "Bearer *****"),)
