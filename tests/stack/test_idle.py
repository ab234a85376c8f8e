"""What an idle stack costs, by list prices: docs/cost.md says the same."""

from __future__ import annotations

import re

from bench import idle
from tests.worlds.template import ROOT, defaults


def test_a_lean_stage_idles_below_three_dollars_a_month() -> None:
    assert sum(idle.lines(Monitoring="lean").values()) < 3


def test_the_page_on_costs_has_these_figures() -> None:
    section = (
        (ROOT / "docs" / "cost.md").read_text().partition("\n## Idle\n")[2].partition("\n## ")[0]
    )
    for monitoring in ("full", "lean"):
        total = sum(idle.lines(Monitoring=monitoring).values())
        assert f"`{monitoring}`: **${total:.2f}**" in section
    rows = dict(re.findall(r"^\| (\w+) [^|]*\| \$([\d.]+) \|", section, re.MULTILINE))
    assert f"There are {len(idle.alarms(defaults()))} alarms" in section
    assert rows == {name: f"{dollars:.2f}" for name, dollars in idle.lines().items()}
