"""template.yaml sets for each function what its settings read: no variable more, none less."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from inspect import getmembers, getsource
from typing import Any

import pytest

from hookline.settings import Settings
from tests.worlds.stack import SETTINGS
from tests.worlds.template import (
    ROOT,
    defaults,
    resolved,
    resources,
    statements,
    template,
    variables,
)


def test_every_function_has_settings() -> None:
    assert set(SETTINGS) == set(resources("AWS::Serverless::Function"))


@pytest.mark.parametrize("function", SETTINGS)
def test_the_template_sets_what_the_settings_read_and_nothing_else(function: str) -> None:
    read = {field.name.upper() for field in fields(SETTINGS[function])}
    assert set(variables(function)) == read


@pytest.mark.parametrize("function", SETTINGS)
def test_a_stack_of_defaults_can_be_read(function: str) -> None:
    made = {name: name for name in template()["Resources"]}
    env = {name: resolved(value, made | defaults()) for name, value in variables(function).items()}
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


@pytest.mark.parametrize("function", SETTINGS)
def test_every_setting_is_read_by_its_function(function: str) -> None:
    properties = resources("AWS::Serverless::Function")[function]
    # A setting that nothing but a property of its own class reads is read by nobody.
    sources = [
        path.read_text()
        for path in (ROOT / properties["CodeUri"]).rglob("*.py")
        if path.name != "settings.py"
    ]
    kind = SETTINGS[function]
    # A property, such as `retention`, stands for the fields that it is made of.
    behind = {
        name: getsource(read.fget)
        for name, read in getmembers(kind, lambda member: isinstance(member, property))
    }
    texts = [*sources, *(text for name, text in behind.items() if _reads(sources, name))]
    # Every function is given those of the base, whether or not it has metrics to tell by stage.
    own = {field.name for field in fields(kind)} - {field.name for field in fields(Settings)}
    assert {name for name in own if not _reads(texts, name)} == set()


@pytest.mark.parametrize("function", SETTINGS)
def test_a_function_may_send_to_the_queues_of_its_settings_and_to_no_other(function: str) -> None:
    role = resources("AWS::Serverless::Function")[function]["Role"]["Fn::GetAtt"]
    allowed = {
        queue["Fn::GetAtt"].removesuffix(".Arn")
        for statement in statements(resources("AWS::IAM::Role")[role.removesuffix(".Arn")])
        if "sqs:SendMessage" in statement["Action"]
        for queue in _listed(statement["Resource"])
    }
    named = {
        name: value for name, value in variables(function).items() if name.endswith("_QUEUE_URL")
    }
    if function == "SenderFunction":
        assert named.pop("DELIVERY_QUEUE_URL"), "it receives more from there, and sends nothing"
    assert allowed == {value["Ref"] for value in named.values()}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _reads(texts: Sequence[str], name: str) -> bool:
    attribute = re.compile(rf"\b(?:\w*settings|self|_SETTINGS)\.{name}\b")
    return any(attribute.search(text) for text in texts)
