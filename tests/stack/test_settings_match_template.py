"""template.yaml sets for each function what its settings read: no variable more, none less."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from hookline import settings
from tests.stack.cloudformation import resources, template

SETTINGS: dict[str, type[settings.Settings]] = {
    "ApiFunction": settings.ApiSettings,
    "FanoutFunction": settings.FanoutSettings,
    "SenderFunction": settings.SenderSettings,
    "SchedulerFunction": settings.SchedulerSettings,
    "InboundFunction": settings.InboundSettings,
    "InboundWorkerFunction": settings.InboundWorkerSettings,
}
PARAMETERS = template()["Parameters"]


def variables(function: str) -> dict[str, Any]:
    everyone: dict[str, Any] = template()["Globals"]["Function"]["Environment"]["Variables"]
    own = resources("AWS::Serverless::Function")[function]["Environment"]["Variables"]
    return {**everyone, **own}


def deployed(value: Any) -> str:
    """What a variable holds in a stack of defaults; the name of what it refers to elsewhere."""
    if "Fn::Join" in value:
        separator, values = value["Fn::Join"]
        assert separator == ","
        return deployed(values)
    reference = value.get("Ref") or value["Fn::GetAtt"]
    return str(PARAMETERS[reference]["Default"]) if reference in PARAMETERS else str(reference)


def test_every_function_has_settings() -> None:
    assert set(SETTINGS) == set(resources("AWS::Serverless::Function"))


@pytest.mark.parametrize("function", SETTINGS)
def test_the_template_sets_what_the_settings_read_and_nothing_else(function: str) -> None:
    read = {field.name.upper() for field in fields(SETTINGS[function])}
    assert set(variables(function)) == read


@pytest.mark.parametrize("function", SETTINGS)
def test_a_stack_of_defaults_can_be_read(function: str) -> None:
    env = {name: deployed(value) for name, value in variables(function).items()}
    assert SETTINGS[function].from_env(env).stage == "dev"


@pytest.mark.parametrize("function", SETTINGS)
def test_tables_and_queues_go_by_their_own_names(function: str) -> None:
    kinds = {
        "_TABLE": ("AWS::DynamoDB::Table", "Table"),
        "_QUEUE_URL": ("AWS::SQS::Queue", "Queue"),
    }
    for name, value in variables(function).items():
        for suffix, (kind, ending) in kinds.items():
            if name.endswith(suffix):
                words = name.removesuffix(suffix).split("_")
                assert value == {"Ref": "".join(map(str.capitalize, words)) + ending}
                assert value["Ref"] in resources(kind)
