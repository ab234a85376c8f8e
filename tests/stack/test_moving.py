"""docs/moving.md has a line for each reference row, and each row an end-to-end test."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "moving.md").read_text(encoding="utf-8")

LAST_ROW = {"IZ": 9, "UN": 8, "AP": 8, "FD": 9, "ET": 11}
ROWS = [f"{system}-{n}" for system, last in LAST_ROW.items() for n in range(1, last + 1)]


def rows_of_the_table() -> Counter[str]:
    return Counter(re.findall(r"^\| ([A-Z]{2}-\d+) \|", PAGE, re.MULTILINE))


def rows_of_the_tests() -> Counter[str]:
    found: Counter[str] = Counter()
    for file in (ROOT / "tests" / "e2e").glob("test_*.py"):
        names = re.findall(r"^def test_([a-z]{2}_\d+)_", file.read_text("utf-8"), re.MULTILINE)
        found.update(name.upper().replace("_", "-") for name in names)
    return found


def test_every_row_has_exactly_one_line_of_the_table() -> None:
    assert rows_of_the_table() == Counter(ROWS)


def test_every_row_has_exactly_one_end_to_end_test_that_carries_its_number() -> None:
    assert rows_of_the_tests() == Counter(ROWS)


@pytest.mark.parametrize("path", re.findall(r"`((?:catalogue|events|tests)/[^`]+)`", PAGE))
def test_every_file_that_the_page_names_is_there(path: str) -> None:
    pattern = re.sub(r"<\w+>", "*", path)
    assert list(ROOT.glob(pattern)), path
