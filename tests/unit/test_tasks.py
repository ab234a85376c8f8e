"""What the queues carry."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookline.domain.delivery.tasks import (
    dead_letter_message,
    delivery_message,
    parse_delivery_message,
)
from hookline.domain.fan_out.fan_out import parse_fan_out_message
from hookline.errors import PoisonMessage
from tests.builders import a_fan_out_task, a_task


@pytest.mark.parametrize(
    "task",
    [
        a_task(),
        a_task(generation=3, sequence=7, trigger="probe", redriven=True, admitted=True),
    ],
)
def test_a_deliverys_message_reads_as_it_was_written(task: Any) -> None:
    assert parse_delivery_message(delivery_message(task)) == task


def test_a_message_is_readable_and_says_no_more_than_it_must() -> None:
    task = a_task()
    assert json.loads(delivery_message(task)) == {
        "tenant": task.key.tenant,
        "webhook_id": task.key.webhook_id,
        "delivery_id": task.key.id,
        "event_id": task.event_id,
        "generation": 0,
        "sequence": 0,
        "trigger": "schedule",
    }


def test_a_dead_letter_comes_back_as_redriven_and_is_admitted_anew() -> None:
    letter = dead_letter_message(a_task(admitted=True), "age used up")
    assert json.loads(letter)["reason"] == "age used up"
    assert parse_delivery_message(letter) == a_task(redriven=True)


def test_a_fan_outs_message_reads_as_it_was_written() -> None:
    task = a_fan_out_task(chunk=12)
    assert parse_fan_out_message(task.message()) == task


def without(name: str) -> str:
    fields = json.loads(delivery_message(a_task()))
    del fields[name]
    return json.dumps(fields)


def changed(**fields: Any) -> str:
    return json.dumps({**json.loads(delivery_message(a_task())), **fields})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"tenant": "a", "tenant": "b"}', "not JSON"),
        ("null", "not a JSON object"),
        ("[]", "not a JSON object"),
        ("{}", "trigger"),
        (without("tenant"), "tenant"),
        (without("delivery_id"), "delivery_id"),
        (changed(webhook_id=7), "webhook_id"),
        (changed(event_id=""), "event_id"),
        (changed(generation="0"), "generation"),
        (changed(generation=True), "generation"),
        (changed(sequence=-1), "sequence"),
        (changed(sequence=1.5), "sequence"),
        (changed(trigger="whim"), "trigger"),
        (changed(redriven="yes"), "redriven"),
        (changed(admitted=1), "admitted"),
    ],
)
def test_a_message_that_cannot_be_read_says_what_is_wrong(body: str, reason: str) -> None:
    with pytest.raises(PoisonMessage) as poison:
        parse_delivery_message(body)
    assert reason in poison.value.reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"accepted_at": "yesterday"}, "accepted_at"),
        ({"accepted_at": None}, "accepted_at"),
        ({"accepted_at": "0001-01-01T00:00:00+23:59"}, "accepted_at"),
        ({"chunk": "one"}, "chunk"),
        ({"tenant": None}, "tenant"),
    ],
)
def test_a_fan_outs_message_that_cannot_be_read_says_what_is_wrong(
    fields: dict[str, Any], reason: str
) -> None:
    body = json.dumps({**json.loads(a_fan_out_task().message()), **fields})
    with pytest.raises(PoisonMessage) as poison:
        parse_fan_out_message(body)
    assert reason in poison.value.reason


def test_the_fields_of_other_versions_are_let_pass() -> None:
    assert parse_delivery_message(changed(something_newer=1)) == a_task()
