"""Successes that share a line: a tenant's own, bounded, told once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from hookline.adapters.telemetry import Together
from hookline.domain.ids import TenantId

ACME, OTHER = TenantId("acme"), TenantId("other")


@pytest.fixture
def together(caplog: pytest.LogCaptureFixture) -> Together[int]:
    caplog.set_level(logging.INFO)

    def fields_of(some: Sequence[int]) -> dict[str, Any]:
        return {"ids": list(some)}

    return Together("things.done", fields_of, logging.getLogger("hookline.test"))


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[Any, ...]]:
    fields = [vars(record) for record in caplog.records]
    return [(each["message"], each["tenant"], each["count"], each["ids"]) for each in fields]


def test_each_tenants_are_told_apart_and_once(
    together: Together[int], caplog: pytest.LogCaptureFixture
) -> None:
    for tenant, number in ((ACME, 1), (OTHER, 2), (ACME, 3)):
        together.add(tenant, number)
    together.flush()
    together.flush()
    assert told(caplog) == [
        ("things.done", ACME, 2, [1, 3]),
        ("things.done", OTHER, 1, [2]),
    ]


def test_a_line_holds_five_hundred_at_most(
    together: Together[int], caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(501):
        together.add(ACME, number)
    together.flush()
    assert [count for _, _, count, _ in told(caplog)] == [500, 1]
