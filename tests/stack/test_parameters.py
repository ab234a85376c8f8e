"""Each parameter tried with good and bad values: a slip is refused, and what is taken starts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.settings import Settings
from tests.engine.clock import FakeClock
from tests.stack.parameters import BAD, GOOD, NOT_ALONE, WITH, page, refused
from tests.worlds.stack import SETTINGS, a_stack
from tests.worlds.template import ROOT, defaults, resolved, template, variables

PARAMETERS = template()["Parameters"]
TRIED = [(name, value) for name, values in GOOD.items() for value in values]
SLIPS = [(name, value) for name, values in BAD.items() for value in values]


def started(values: Mapping[str, str]) -> list[Settings]:
    """What every function reads of its environment in a stack with these parameters."""
    known = {name: name for name in template()["Resources"]} | defaults() | dict(values)
    return [
        kind.from_env({name: resolved(value, known) for name, value in variables(function).items()})
        for function, kind in SETTINGS.items()
    ]


def test_every_parameter_is_tried_both_ways() -> None:
    assert set(GOOD) == set(BAD) == set(PARAMETERS)


def test_a_guided_deploy_asks_first_what_a_first_deploy_decides() -> None:
    """SAM asks in the template's order; what it may be left at comes after."""
    first = ["Stage", "AlarmEmail", "Monitoring", "DeletionProtection"]
    assert list(PARAMETERS)[: len(first)] == first
    assert all(refused({name: str(each["Default"])}) == [] for name, each in PARAMETERS.items())


@pytest.mark.parametrize(("name", "value"), TRIED)
def test_a_good_value_is_taken_and_every_function_starts_with_it(name: str, value: str) -> None:
    values = {**(WITH.get(name, {}) if value else {}), name: value}
    assert refused(values) == []
    assert len(started(values)) == len(SETTINGS)


@pytest.mark.parametrize(("name", "value"), SLIPS)
def test_a_slip_is_refused_before_anything_changes(name: str, value: str) -> None:
    (reason,) = refused({**WITH.get(name, {}), name: value})
    assert reason.startswith(f"{name}: ")


@pytest.mark.parametrize("values", NOT_ALONE)
def test_what_needs_another_parameter_is_refused_without_it(values: Mapping[str, str]) -> None:
    assert refused(values)


def test_production_is_deployed_once_somebody_is_there_to_be_told_and_dev_at_once() -> None:
    for stage in ("default", "dev"):
        assert refused(configured(stage)) == []
    (reason,) = refused(configured("prod"))
    assert reason == "AlarmEmail: an e-mail address, or nothing"
    assert refused(configured("prod") | {"AlarmEmail": "ops@example.com"}) == []


def configured(stage: str) -> dict[str, str]:
    """The parameters that samconfig.toml has for a stage."""
    written = tomllib.loads((ROOT / "samconfig.toml").read_text())
    return dict(
        each.split("=", 1) for each in written[stage]["deploy"]["parameters"]["parameter_overrides"]
    )


def test_the_api_answers_in_a_stack_with_everything_set() -> None:
    everything = {name: values[-1] for name, values in GOOD.items()} | {"Stage": "test"}
    assert refused(everything) == []
    with a_stack(FakeClock(), os.urandom, **everything) as stack:
        assert stack.acme("GET", "/v1/health").status == 200
        settings = stack.acme("GET", "/v1/operations").json["settings"]
    assert settings["source_addresses"] == ["203.0.113.7", "198.51.100.20"]


BLOCK = PARAMETERS["AllowedNetworks"]["AllowedPattern"].strip().removeprefix("^").removesuffix("$")


@given(st.from_regex(BLOCK, fullmatch=True))
def test_whatever_block_the_template_lets_pass_is_one(block: str) -> None:
    assert refused({"AllowedNetworks": block}) == []
    started({"AllowedNetworks": block})


def test_the_page_is_rendered_from_these_values() -> None:
    written = (ROOT / "docs" / "parameters.md").read_text()
    assert written == page(), "run: python -m tests.stack.parameters > docs/parameters.md"
