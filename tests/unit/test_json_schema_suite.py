"""JSON Schema's own test suite, for the keywords that we price or check ourselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hookline.domain.sandbox.json_schema import InvalidSchema, check_data, check_schema

SUITE = json.loads(
    (Path(__file__).parents[1] / "vectors" / "json-schema.json").read_text(encoding="utf-8")
)
GROUPS = SUITE["groups"]
NOT_SUPPORTED = ("is not supported", "only references within", "must be an object")


def supported(schema: Any) -> bool:
    try:
        check_schema(schema)
    except InvalidSchema as error:
        unsupported = error
    else:
        return True
    assert any(words in unsupported.message for words in NOT_SUPPORTED), unsupported.message
    return False


@pytest.mark.parametrize("group", GROUPS, ids=[f"{g['keyword']}: {g['about']}" for g in GROUPS])
def test_data_are_judged_as_the_suite_judges_them(group: dict[str, Any]) -> None:
    if supported(group["schema"]):
        for data, valid, about in group["tests"]:
            assert (check_data(group["schema"], data) == []) is valid, about


def test_most_of_the_suite_is_supported() -> None:
    judged = [group for group in GROUPS if supported(group["schema"])]
    tests = sum(len(group["tests"]) for group in judged)
    assert (len(GROUPS), len(judged), tests) == (137, 108, 391)
