"""What docs/operations.md says bounds a tenant is what the code and the template do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hookline.domain.delivery.backoff import ATTEMPTS_BY_POLICY
from hookline.domain.inbound.function import MAX_FUNCTIONS
from hookline.domain.inbound.provider import MAX_PROVIDERS
from hookline.domain.net.header_rules import MAX_HOPS
from hookline.problems import CODES
from tests.worlds.template import defaults, template

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("### What bounds a tenant")[2].partition("\n## ")[0]
ROWS = {
    cells[0]: (cells[1], cells[2])
    for line in SECTION.splitlines()
    if line.startswith("| ") and (cells := [cell.strip() for cell in line.strip("|").split("|")])
}


@pytest.mark.parametrize(
    ("what", "bounds"),
    [
        ("publish events", ["`PublishQuotaPerSecond`"]),
        ("have webhooks", ["`WebhooksPerTenant`"]),
        ("have one delivery attempted", [f"{ATTEMPTS_BY_POLICY} times", "250 attempts"]),
        ("call dead endpoints", ["30 seconds to 5 minutes"]),
        ("take inbound calls", ["`InboundQuotaPerSecond`", "`InboundBytesPerSecond`"]),
        ("have inbound providers, functions", [f"{MAX_PROVIDERS}, {MAX_FUNCTIONS}"]),
        ("go round in a loop", [f"{MAX_HOPS} hops"]),
    ],
)
def test_a_bound_is_the_one_that_is_kept(what: str, bounds: list[str]) -> None:
    assert all(bound in ROWS[what][0] for bound in bounds)


def test_every_bound_is_told_once_and_those_that_can_be_set_have_a_default() -> None:
    assert len(ROWS) == 1 + 7  # with the head
    named = set(re.findall(r"`([A-Z]\w+)`", SECTION))
    assert named <= template()["Parameters"].keys()
    assert all(int(defaults()[name]) > 0 for name in named)


def test_every_code_of_a_refusal_is_one_that_the_api_has() -> None:
    codes = set(re.findall(r"`([a-z]+_[a-z_]+)`", " ".join(beyond for _, beyond in ROWS.values())))
    assert codes
    assert codes <= CODES.keys()
