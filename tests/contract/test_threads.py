"""The port `Concurrently`."""

from __future__ import annotations

from threading import Barrier

import pytest

from hookline.adapters.threads import Threads
from hookline.ports import Concurrently
from tests.engine.sending import OneByOne


@pytest.fixture(params=["memory", "threads"])
def concurrently(request: pytest.FixtureRequest) -> Concurrently:
    return OneByOne() if request.param == "memory" else Threads(4)


def test_every_item_has_its_result(concurrently: Concurrently) -> None:
    results = concurrently(lambda number: number * number, range(50))
    assert sorted(results) == [number * number for number in range(50)]


def test_nothing_has_no_results(concurrently: Concurrently) -> None:
    assert list(concurrently(lambda item: item, [])) == []


def test_a_second_run_works_as_the_first(concurrently: Concurrently) -> None:
    assert list(concurrently(str, [1])) == list(concurrently(str, [1])) == ["1"]


def test_a_function_that_raises_ends_the_run(concurrently: Concurrently) -> None:
    def fail(number: int) -> int:
        raise ZeroDivisionError(number)

    with pytest.raises(ZeroDivisionError):
        list(concurrently(fail, range(3)))


def test_threads_run_as_many_at_once_as_there_are() -> None:
    # Nobody passes the barrier before all four have come to it.
    barrier = Barrier(4)
    assert sorted(Threads(4)(lambda _: barrier.wait(timeout=60), range(4))) == [0, 1, 2, 3]
