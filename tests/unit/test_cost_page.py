"""docs/cost.md and its plot are what the figures say, and where the goals stand."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from bench import months, plot
from bench.cost import Stack, stacks, total
from bench.cost_page import PAGE, page


@pytest.fixture(scope="module")
def measured() -> tuple[Stack, Stack]:
    return stacks()


def test_the_page_has_the_tables_that_the_figures_make(measured: tuple[Stack, Stack]) -> None:
    written = PAGE.read_text()
    assert page(written, *measured) == written, "run: python -m bench.cost_page write"


def test_the_plot_is_drawn_of_the_same_figures(measured: tuple[Stack, Stack]) -> None:
    drawn = plot.drawn(*measured)
    assert plot.TARGET.read_text() == drawn, "run: python -m bench.plot"
    lines = [each for each in ET.fromstring(drawn).iter() if each.tag.endswith("polyline")]  # noqa: S314 - our own
    assert len(lines) == 2 * len(months.ways(measured[0], 1))


def test_a_delivery_takes_four_write_units_one_to_one_and_2_2_one_to_ten(
    measured: tuple[Stack, Stack],
) -> None:
    assert [stack.units("write_units") for stack in measured] == [4.0, pytest.approx(2.2)]


def test_capacity_by_the_hour_is_no_more_than_two_thirds_of_on_demand(
    measured: tuple[Stack, Stack],
) -> None:
    for stack in measured:
        assert total(stack.work(by_the_hour=True)) <= 2 / 3 * total(stack.work())


def test_where_two_ways_cross_the_second_is_cheaper_from_there_on() -> None:
    assert months.crossing(lambda many: 3 * many, lambda many: 20 + many) == pytest.approx(10, 0.05)
    assert months.crossing(lambda many: many, lambda many: 1 + many) is None
    assert months.crossing(lambda many: 1 + many, lambda many: many) == 0
