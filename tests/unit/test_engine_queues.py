"""The queues in memory, where the suites of the ports do not reach: time, caps, dead letters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import SECOND
from tests.engine.clock import FakeClock
from tests.engine.queues import Queue


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_a_delayed_message_comes_when_its_delay_is_over(clock: FakeClock) -> None:
    queue = Queue(clock)
    queue.send("a", delay=5 * SECOND)
    assert queue.receive() == []
    clock.advance(5 * SECOND)
    assert [message.body for message in queue.receive()] == ["a"]


def test_a_received_message_comes_back_unless_it_is_deleted(clock: FakeClock) -> None:
    queue = Queue(clock, visibility=30 * SECOND)
    queue.send("a")
    queue.send("b")
    first, second = queue.receive()
    assert queue.delete(first.handle)
    clock.advance(30 * SECOND)
    (again,) = queue.receive()
    assert (again.body, again.seen) == (second.body, 2)


def test_an_old_handle_is_no_good(clock: FakeClock) -> None:
    queue = Queue(clock, visibility=30 * SECOND)
    queue.send("a")
    old = queue.receive()[0].handle
    clock.advance(30 * SECOND)
    queue.receive()
    assert not queue.hide(old, SECOND)
    assert not queue.delete(old)


def test_hiding_counts_from_now(clock: FakeClock) -> None:
    queue = Queue(clock, visibility=30 * SECOND)
    queue.send("a")
    (message,) = queue.receive()
    clock.advance(20 * SECOND)
    assert queue.hide(message.handle, 60 * SECOND)
    assert queue.next_due == clock() + 60 * SECOND
    clock.advance(59 * SECOND)
    assert queue.receive() == []
    clock.advance(SECOND)
    assert len(queue.receive()) == 1


def test_a_message_that_comes_back_too_often_is_a_dead_letter(clock: FakeClock) -> None:
    dead = Queue(clock)
    queue = Queue(clock, visibility=SECOND, max_receive_count=2, dead_letters=dead)
    queue.send("a")
    for _ in range(2):
        assert len(queue.receive()) == 1
        clock.advance(SECOND)
    assert queue.receive() == []
    assert (queue.bodies, dead.bodies) == ([], ["a"])


def test_dead_letters_can_be_redriven(clock: FakeClock) -> None:
    dead, queue = Queue(clock), Queue(clock)
    dead.send("a", group="g")
    assert dead.move_all_to(queue) == 1
    assert (dead.bodies, [message.body for message in queue.receive()]) == ([], ["a"])
    assert dead.receive() == []


def test_at_the_cap_of_what_is_in_flight_nothing_comes(clock: FakeClock) -> None:
    queue = Queue(clock, in_flight_cap=2)
    for number in range(3):
        queue.send(str(number))
    first, _ = queue.receive()
    assert (queue.receive(), queue.in_flight) == ([], 2)
    queue.delete(first.handle)
    assert [message.body for message in queue.receive()] == ["2"]


def test_groups_take_turns(clock: FakeClock) -> None:
    queue = Queue(clock)
    for number in range(50):
        queue.send(f"noisy {number}", group="noisy")
    queue.send("quiet", group="quiet")
    assert "quiet" in [message.body for message in queue.receive(2)]


def test_a_purged_queue_is_empty_also_of_what_is_hidden(clock: FakeClock) -> None:
    queue = Queue(clock, visibility=SECOND)
    queue.send("a")
    queue.send("b", delay=SECOND)
    (received,) = queue.receive()
    queue.purge()
    clock.advance(SECOND)
    assert (queue.receive(), queue.delete(received.handle)) == ([], False)
    queue.send("c")
    assert [message.body for message in queue.receive()] == ["c"]


def test_a_message_is_kept_for_its_retention(clock: FakeClock) -> None:
    queue = Queue(clock)
    queue.send("a")
    clock.advance(timedelta(days=14) + SECOND)
    assert queue.receive() == []
