"""`make chaos` tells what was lost, stuck and repeated: its account sees each of them."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import NOW, SECOND
from tests.chaos.account import UNWRITTEN_FOR, Account, Call, Done, Ended, account

ONE = Ended("dlv_1", "wh_1", "evt_1", "success")
CALL = Call("dlv_1", 1, NOW, 200)
NOTHING = Done(kills=(), retries={}, cancelled=())


def of(*calls: Call, one: Ended = ONE, done: Done = NOTHING) -> Account:
    return account({("wh_1", "evt_1")}, [one], calls, done)


def test_what_was_called_once_and_taken_holds() -> None:
    shown = of(CALL)
    assert (shown.holds, shown.repeats) == (True, 0)


def test_a_delivery_that_is_not_there_is_lost() -> None:
    assert not account({("wh_1", "evt_2")}, [ONE], [CALL], NOTHING).holds


def test_a_success_that_no_endpoint_took_is_lost() -> None:
    assert of(replace(CALL, status=300)).lost
    assert of(replace(CALL, status=500)).lost


def test_what_failed_or_is_cancelled_though_nobody_asked_is_lost() -> None:
    assert of(CALL, one=replace(ONE, status="failed")).lost
    assert of(CALL, one=replace(ONE, status="cancelled")).lost


def test_a_cancel_that_was_undone_is_lost() -> None:
    assert of(CALL, done=replace(NOTHING, cancelled={"dlv_1"})).lost


def test_what_has_not_ended_is_stuck() -> None:
    assert of(one=replace(ONE, status="created")).stuck == ("dlv_1",)
    assert of(one=replace(ONE, status="retrying")).stuck == ("dlv_1",)


def test_a_further_attempt_is_no_repeat() -> None:
    assert of(replace(CALL, status=500), replace(CALL, attempt=2, at=NOW + SECOND)).holds


def test_a_kill_between_two_calls_explains_one_repeat() -> None:
    again = replace(CALL, at=NOW + 40 * SECOND)
    shown = of(CALL, again, done=replace(NOTHING, kills=[NOW + SECOND]))
    assert (shown.repeats, shown.unexplained) == (1, ())


def test_a_second_repeat_needs_a_kill_of_its_own() -> None:
    calls = [replace(CALL, at=NOW + n * SECOND) for n in (0, 3, 6)]
    assert len(of(*calls, done=replace(NOTHING, kills=[NOW + SECOND])).unexplained) == 1
    both = replace(NOTHING, kills=[NOW + SECOND, NOW + 4 * SECOND])
    assert of(*calls, done=both).repeats == 2


def test_a_kill_long_after_the_call_explains_nothing() -> None:
    again = replace(CALL, at=NOW + 2 * UNWRITTEN_FOR)
    late = replace(NOTHING, kills=[NOW + UNWRITTEN_FOR + SECOND])
    assert of(CALL, again, done=late).unexplained


def test_a_user_who_asks_for_another_attempt_may_have_it_beside_the_first() -> None:
    again = replace(CALL, at=NOW + SECOND)
    assert of(CALL, again, done=replace(NOTHING, retries={"dlv_1": [NOW]})).holds
    assert not of(CALL, again, done=replace(NOTHING, retries={"dlv_2": [NOW]})).holds
