"""The ports `FirstAttempts`, `RetryTimers`, `DeadLetters` and `FanOutSteps`."""

from __future__ import annotations

import json
from datetime import timedelta

from hookline.domain.delivery.tasks import parse_delivery_message
from hookline.domain.fan_out.fan_out import parse_fan_out_message
from tests.builders import MINUTE, a_delivery, a_fan_out_task, a_task, an_id
from tests.contract.ports import Ports, Received

NO_WAIT = timedelta(0)


def received(ports: Ports, queue: str) -> list[Received]:
    """All that is visible, in no order."""
    found: list[Received] = []
    while some := ports.receive(queue):
        found += some
    return found


def test_first_attempts_arrive_as_they_were_sent(ports: Ports) -> None:
    tasks = [a_task(a_delivery(webhook_id=an_id("wh"))) for _ in range(23)]
    ports.first_attempts.send(tasks)
    arrived = [parse_delivery_message(each.body) for each in received(ports, "deliveries")]
    assert sorted(arrived, key=repr) == sorted(tasks, key=repr)


def test_sending_nothing_sends_nothing(ports: Ports) -> None:
    ports.first_attempts.send([])
    ports.retry_timers.send([])
    ports.fan_out_steps.send([])
    assert received(ports, "deliveries") + received(ports, "retries") == []


def test_a_retry_without_a_wait_is_there_at_once_and_one_with_a_wait_is_not(ports: Ports) -> None:
    now, later = a_task(sequence=1), a_task(sequence=2)
    ports.retry_timers.send([(now, NO_WAIT), (later, MINUTE)])
    (message,) = received(ports, "retries")
    assert parse_delivery_message(message.body) == now


def test_waits_beyond_the_queues_longest_are_taken_all_the_same(ports: Ports) -> None:
    ports.retry_timers.send([(a_task(), timedelta(days=3))])
    assert received(ports, "retries") == []


def test_a_received_message_is_hidden_for_as_long_as_its_wait(ports: Ports) -> None:
    ports.retry_timers.send([(a_task(), NO_WAIT)])
    (message,) = received(ports, "retries")
    assert ports.retry_timers.extend([(message.handle, NO_WAIT)]) == []
    (again,) = received(ports, "retries")
    assert ports.retry_timers.extend([(again.handle, 3 * MINUTE)]) == []
    assert received(ports, "retries") == []


def test_handles_that_mean_nothing_come_back(ports: Ports) -> None:
    ports.retry_timers.send([(a_task(sequence=number), NO_WAIT) for number in range(12)])
    good = [message.handle for message in received(ports, "retries")]
    waits = [(handle, NO_WAIT) for handle in [*good[:6], "nonsense", *good[6:]]]
    assert list(ports.retry_timers.extend(waits)) == ["nonsense"]
    assert len(received(ports, "retries")) == 12


def test_a_dead_letter_says_why_and_can_be_redriven_as_it_stands(ports: Ports) -> None:
    task = a_task(generation=2, sequence=5)
    ports.dead_letters.send(task, "its age is used up")
    (letter,) = received(ports, "dead-letters")
    assert json.loads(letter.body)["reason"] == "its age is used up"
    redriven = parse_delivery_message(letter.body)
    assert redriven == a_task(generation=2, sequence=5, redriven=True)


def test_what_cannot_be_read_is_set_aside_as_it_came(ports: Ports) -> None:
    ports.dead_letters.set_aside('{"not": "ours"', "the message is not JSON")
    (letter,) = received(ports, "dead-letters")
    assert letter.body == '{"not": "ours"'


def test_steps_of_a_fan_out_arrive_as_they_were_sent(ports: Ports) -> None:
    tasks = [a_fan_out_task(chunk=number) for number in range(21)]
    ports.fan_out_steps.send(tasks)
    arrived = [parse_fan_out_message(each.body) for each in received(ports, "fan-outs")]
    assert sorted(arrived, key=lambda task: task.chunk or 0) == tasks


def test_a_step_of_matching_arrives_with_what_it_was_granted(ports: Ports) -> None:
    tasks = [a_fan_out_task(chunk=None), a_fan_out_task(chunk=None, claim="run-1", granted=2)]
    ports.fan_out_steps.send(tasks)
    arrived = [parse_fan_out_message(each.body) for each in received(ports, "fan-outs")]
    assert sorted(arrived, key=lambda task: task.granted) == tasks
