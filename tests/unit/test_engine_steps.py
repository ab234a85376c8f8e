"""The engine's own promise to tests: any call of any port can be made to go wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hookline.errors import Unavailable
from tests.builders import EVENT_ID, NOW, TENANT, a_delivery, a_webhook, an_event
from tests.engine.engine import Engine
from tests.engine.steps import Again, Call, Later, Moment, Partly, never_sent, reply_lost


def test_calls_are_numbered_by_name_and_over_all() -> None:
    engine = Engine()
    seen: list[tuple[Call, Moment]] = []

    def watch(call: Call, moment: Moment) -> None:
        seen.append((call, moment))

    engine.steps.hook = watch
    engine.events.accept(an_event())
    engine.events.get(TENANT, EVENT_ID)
    engine.events.get(TENANT, EVENT_ID)
    assert [call for call, moment in seen if moment is Moment.AFTER] == [
        Call("events.accept", 1, 1),
        Call("events.get", 1, 2),
        Call("events.get", 2, 3),
    ]


def test_a_call_that_is_never_sent_does_nothing() -> None:
    engine = Engine()
    engine.steps.hook = never_sent("events.accept")
    with pytest.raises(Unavailable):
        engine.events.accept(an_event())
    assert engine.events.get(TENANT, EVENT_ID) is None


def test_a_call_whose_reply_is_lost_was_done() -> None:
    engine = Engine()
    engine.steps.hook = reply_lost("events.accept")
    with pytest.raises(Unavailable):
        engine.events.accept(an_event())
    assert engine.events.get(TENANT, EVENT_ID) == an_event()


def test_a_batch_can_be_done_in_part() -> None:
    engine = Engine()
    engine.steps.hook = lambda call, moment: (
        Partly(2) if (call.name, moment) == ("new_deliveries.create", Moment.BEFORE) else None
    )
    deliveries = [a_delivery(webhook_id=f"wh_{number}") for number in range(5)]
    with pytest.raises(Unavailable):
        engine.new_deliveries.create(deliveries)
    assert engine.deliveries_table.all() == deliveries[:2]


def test_a_call_can_be_repeated_as_botocore_does_and_answers_as_its_adapter_does() -> None:
    engine = Engine()
    engine.steps.hook = lambda _, moment: Again() if moment is Moment.AFTER else None
    assert engine.events.accept(an_event())
    health = engine.health.add_failures(TENANT, a_webhook().id, [a_delivery().key.id], NOW)
    assert health.consecutive_failures == 2


def test_a_call_can_be_done_once_its_caller_has_given_it_up() -> None:
    engine = Engine()
    late: list[Callable[[], object]] = []
    engine.steps.hook = lambda _, moment: Later(late.append) if moment is Moment.BEFORE else None
    with pytest.raises(Unavailable):
        engine.events.accept(an_event())
    assert not engine.events_table.all()
    late[0]()
    assert engine.events_table.all() == [an_event()]
