"""docs/inbound.md says of each preset what the tests have tried."""

from __future__ import annotations

from pathlib import Path

from tests.unit.inbound.senders_table import setup, table

PAGE = (Path(__file__).parents[3] / "docs" / "inbound.md").read_text(encoding="utf-8")


def test_the_table_of_presets_is_made_of_what_the_tests_try() -> None:
    assert table() in PAGE


def test_each_senders_side_is_described_from_its_preset() -> None:
    assert setup() in PAGE
