"""A list of shards may follow another where they agree on all that any function may count by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import botocore.session
import click
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.shards import ONE, Shards
from tests.unit.test_shards import lists
from tests.worlds.template import ROOT
from tools.shards import AHEAD, check, listed, refusal

STEP = "1,4@2026-12-01T12:00Z"
NOON = datetime.fromisoformat("2026-12-01T12:00Z")
HOUR = timedelta(hours=1)


def config(overrides: str) -> str:
    return f"[prod.deploy.parameters]\nparameter_overrides = {overrides}\n"


@pytest.mark.parametrize(
    ("before", "after", "now"),
    [
        ("1", "1", NOON),
        ("1", STEP, NOON - HOUR),
        (STEP, STEP, NOON + 99 * HOUR),
        (STEP, f"{STEP},8@2026-12-09T00:00Z", NOON),
        (STEP, "1,4@2026-12-01T16:00Z", NOON - HOUR),
        (STEP, "1", NOON - HOUR),
    ],
)
def test_steps_that_lie_an_hour_ahead_may_come_and_go(
    before: str, after: str, now: datetime
) -> None:
    assert refusal(Shards.parse(before), after, now) is None


@pytest.mark.parametrize(
    ("before", "after", "now"),
    [
        ("1", STEP, NOON - HOUR + timedelta(minutes=1)),
        ("1", STEP, NOON + HOUR),
        (STEP, "1", NOON),
        (STEP, "1,8@2026-12-01T12:00Z", NOON + HOUR),
        (STEP, "1,4@2026-12-01T11:00Z", NOON + HOUR),
        (STEP, "1,4@2026-12-01T12:30Z", NOON + HOUR),
        (STEP, "1,4@2026-12-01T12:00Z,1@2026-12-01T13:00Z", NOON + HOUR),
    ],
)
def test_what_has_passed_or_is_close_may_not_be_counted_otherwise(
    before: str, after: str, now: datetime
) -> None:
    assert "hour ahead" in (refusal(Shards.parse(before), after, now) or "")


@given(lists, lists, st.datetimes(timezones=st.just(NOON.tzinfo)))
def test_lists_that_may_follow_agree_until_an_hour_from_now(
    before: Shards, after: Shards, instant: datetime
) -> None:
    text = ",".join(["1", *(f"{n}@{at:%Y-%m-%dT%H:%MZ}" for at, n in after.steps)])
    if refusal(before, text, NOON) is None and instant < NOON + AHEAD:
        assert before.at(instant) == after.at(instant)


def test_a_list_that_is_none_is_told_why() -> None:
    assert "begin with 1" in (refusal(ONE, "4", NOON) or "")
    assert "day" in (refusal(ONE, "1,4@2026-02-30T12:00Z", NOON) or "")


@pytest.mark.parametrize("form", [f'["Stage=prod", "KeyShards={STEP}"]', f'"KeyShards={STEP}"'])
def test_what_samconfig_has_is_held_against_the_stack(form: str) -> None:
    asked: list[tuple[str, Any]] = []

    def deployed(name: str, parameters: dict[str, Any]) -> str | None:
        asked.append((name, parameters.get("region")))
        return None

    check("prod", config(form), deployed, NOON - HOUR)
    with pytest.raises(click.UsageError, match="12:01Z or later"):
        check("prod", config(form), deployed, NOON - HOUR + timedelta(minutes=0, seconds=59))
    assert asked == [("hookline-prod", None)] * 2


def test_nobody_is_asked_where_the_list_stays_as_it_is() -> None:
    def deployed(_name: str, _parameters: dict[str, Any]) -> str | None:
        raise AssertionError

    for stage in ("dev", "prod"):
        check(stage, (ROOT / "samconfig.toml").read_text(), deployed, NOON)


def test_the_stacks_own_list_is_what_cloudformation_has() -> None:
    client = botocore.session.get_session().create_client("cloudformation", "eu-west-1")
    described = {
        "StackName": "hookline-prod",
        "CreationTime": NOON,
        "StackStatus": "UPDATE_COMPLETE",
        "Parameters": [{"ParameterKey": "KeyShards", "ParameterValue": STEP}],
    }
    with Stubber(client) as stubbed:
        stubbed.add_response("describe_stacks", {"Stacks": [described]})
        assert listed(client, "hookline-prod") == STEP
        gone = "Stack with id hookline-prod does not exist"
        stubbed.add_client_error("describe_stacks", "ValidationError", gone)
        assert listed(client, "hookline-prod") is None
        stubbed.add_client_error("describe_stacks", "AccessDenied", "not you")
        with pytest.raises(ClientError):
            listed(client, "hookline-prod")


def test_a_deploy_checks_first() -> None:
    rules = (ROOT / "Makefile").read_text().partition("\ndeploy:")[2].splitlines()
    assert "tools.shards" in rules[1]
    assert "sam deploy" in rules[2]
