"""A round that is too much for one invocation goes on in pieces, and no others are started."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from hookline.adapters.telemetry import Metrics
from hookline.domain.delivery.delivery import CLOCK_SHARDS, OnItsWebhook, OnTheClock, Status
from hookline.domain.delivery.rotation import Share
from hookline.domain.ids import EventId, WebhookId
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Open
from hookline.errors import Unavailable
from hookline.ports.rounds import Piece
from hookline_scheduler.round import Round
from hookline_scheduler.wiring import round_over
from tests.builders import MINUTE, NOW, SECOND, a_delivery, a_health, an_id
from tests.engine.steps import Call, Moment
from tests.engine.system import System
from tests.engine.wiring import stack_over

A_CALL = timedelta(milliseconds=4)
A_MINUTE = timedelta(seconds=60)


class Rounds:
    """Rounds over one system, in which a call takes four milliseconds and no two run at once."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.lines: list[str] = []
        metrics = Metrics("scheduler", "test", system.clock, self.lines.append)
        logger = logging.getLogger("hookline.scheduler")
        self.over: Round = round_over(stack_over(system.engine), logger=logger, metrics=metrics)

    def __call__(self) -> Sequence[Piece]:
        """One round, and the pieces that it asked for."""
        self.over(self.system.next_run(), self._minute())
        return self.system.engine.pieces_asked_for.taken()

    def work_on(self, *pieces: Piece) -> bool:
        done = [self.over.piece(each, self.system.next_run(), self._minute()) for each in pieces]
        return all(done)

    def counted(self, metric: str) -> list[float]:
        return [json.loads(line)[metric] for line in self.lines if metric in json.loads(line)]

    def _minute(self) -> Callable[[], timedelta]:
        steps = self.system.engine.steps
        begun = steps.total
        return lambda: A_MINUTE - (steps.total - begun) * A_CALL


@pytest.fixture
def system() -> System:
    return System()


def on_the_clock(system: System, count: int, since: timedelta = MINUTE) -> None:
    webhooks = [system.webhook().id for _ in range(20)]
    system.engine.deliveries_table.create(
        [
            a_delivery(
                webhook_id=webhooks[number % 20],
                event_id=EventId(an_id("evt")),
                status=Status.RETRYING,
                waiting=OnTheClock(NOW - since + timedelta(milliseconds=number)),
                expires_at=NOW + LEASE,
            )
            for number in range(count)
        ]
    )


def released(system: System) -> int:
    return len(system.engine.retry_queue.messages)


def test_a_round_with_little_to_do_starts_no_piece_and_takes_no_lease(system: System) -> None:
    on_the_clock(system, 300)
    names = system.engine.steps.names
    assert Rounds(system)() == []
    assert released(system) == 300
    assert not {"leases.take", "pieces.start"} & names.keys()


def test_what_is_due_beyond_that_is_released_by_a_piece_for_each_shard(system: System) -> None:
    on_the_clock(system, 20_000)
    rounds = Rounds(system)
    pieces = rounds()
    assert pieces == [Piece("release", Share(number, CLOCK_SHARDS)) for number in range(8)]
    assert 0 < released(system) < 6_000
    assert rounds.work_on(*pieces)
    assert released(system) == 20_000
    assert rounds.counted("CutShort") == []


def test_each_piece_of_a_shard_releases_more_than_a_hundred_thousand_a_minute_need(
    system: System,
) -> None:
    on_the_clock(system, 110_000 // 8 * 2)
    rounds = Rounds(system)
    steps = system.engine.steps
    before, begun = released(system), steps.total
    assert rounds.work_on(Piece("release", Share(0, 8)), Piece("release", Share(1, 8)))
    in_two = released(system) - before
    # An update each; a query and a read for a hundred; here a send for a hundred, on AWS for ten.
    assert steps.total - begun <= in_two * 1.04 + 20
    assert in_two * A_CALL <= 2 * 54 * SECOND


def test_shards_that_are_far_behind_are_worked_on_by_four_invocations_each(
    system: System,
) -> None:
    on_the_clock(system, 8_000, since=10 * MINUTE)
    rounds = Rounds(system)
    pieces = rounds()
    assert [piece.share for piece in pieces] == [Share(number, 32) for number in range(32)]
    (behind,) = rounds.counted("OldestDue")
    assert 590 < behind <= 600
    assert rounds.work_on(*pieces)
    assert released(system) == 8_000


def test_a_piece_that_somebody_works_on_is_left_to_them_until_their_time_is_over(
    system: System,
) -> None:
    on_the_clock(system, 800)
    rounds = Rounds(system)
    piece = Piece("release", Share(0, 8))
    leases = system.engine.leases
    assert leases.take(piece.name, "another", system.clock(), system.clock() + A_MINUTE)
    assert rounds.work_on(piece)
    assert released(system) == 0
    system.clock.advance(A_MINUTE)
    assert rounds.work_on(piece)
    assert released(system) > 50
    assert leases.take(piece.name, "another", system.clock(), system.clock() + A_MINUTE)


def test_a_piece_whose_time_is_up_is_counted(system: System) -> None:
    on_the_clock(system, 900)
    rounds = Rounds(system)
    assert rounds.over.piece(Piece("release", Share(0, 8)), "run", lambda: 5 * SECOND)
    assert rounds.counted("CutShort") == [1]


def waiting(system: System, count: int) -> WebhookId:
    webhook = system.webhook()
    system.engine.deliveries_table.create(
        [
            a_delivery(
                webhook_id=webhook.id,
                event_id=EventId(an_id("evt")),
                status=Status.RETRYING,
                waiting=OnItsWebhook(NOW),
                expires_at=NOW + LEASE,
            )
            for _ in range(count)
        ]
    )
    before = a_health(webhook_id=webhook.id)
    assert system.engine.health_table.replace(
        before, a_health(webhook_id=webhook.id, has_waiting=True)
    )
    return webhook.id


def test_webhooks_that_a_round_does_not_get_to_are_served_by_pieces_and_no_other_twice(
    system: System,
) -> None:
    served = [waiting(system, 40) for _ in range(60)]
    rounds = Rounds(system)
    pieces = rounds()
    by_the_round = set(pieces[0].served)
    assert {piece.work for piece in pieces} == {"webhook_round"}
    assert 0 < len(by_the_round) < 60
    names = system.engine.steps.names
    before = names["webhooks.get"]
    assert rounds.work_on(*pieces)
    assert names["webhooks.get"] - before == len(served) - len(by_the_round)
    assert released(system) == 60 * 40


def test_all_that_is_lost_is_swept_by_pieces_by_tenant(system: System) -> None:
    rounds = Rounds(system)
    for _ in range(80):
        system.webhook()
    for _ in range(60):
        system.publish()
        system.run_stream()
    system.engine.delivery_queue.purge()
    system.clock.advance(LEASE + MINUTE)
    pieces = rounds()
    assert "sweep" in {piece.work for piece in pieces}
    assert rounds.counted("SweepLag")
    assert rounds.work_on(*pieces)
    waits = [one.waiting for one in system.engine.deliveries_table.all()]
    assert len(waits) == 60 * 80
    assert all(isinstance(each, OnTheClock) for each in waits)


def test_a_round_that_cannot_start_pieces_fails_and_the_next_one_starts_them(
    system: System,
) -> None:
    on_the_clock(system, 8_000)
    rounds = Rounds(system)

    def refused(call: Call, moment: Moment) -> None:
        if call.name == "pieces.start" and moment is Moment.BEFORE:
            raise Unavailable("Invoke: TooManyRequestsException")

    system.engine.steps.hook = refused
    assert not rounds.over("run", rounds._minute())
    system.engine.steps.hook = lambda _call, _moment: None
    assert rounds.work_on(*rounds())
    assert released(system) == 8_000


def test_many_webhooks_that_wait_are_no_more_than_their_names_in_memory(system: System) -> None:
    trouble = Open(opened_at=NOW, next_probe_at=NOW + LEASE, probe_interval=MINUTE)
    for _ in range(250):
        webhook_id = system.webhook().id
        before = a_health(webhook_id=webhook_id)
        after = a_health(webhook_id=webhook_id, circuit=trouble, has_waiting=True)
        assert system.engine.health_table.replace(before, after)
    names = system.engine.steps.names
    before_reads = names["health.get_some"]
    rounds = Rounds(system)
    rounds.work_on(Piece("webhook_round", Share(0, 1)))
    assert names["health.get_some"] - before_reads == 3
