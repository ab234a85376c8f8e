"""template.yaml sets for each function what its settings read: no variable more, none less."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from hookline.adapters.stack_inbound import InboundStack
from hookline.settings import Settings
from hookline_api.wiring import build_api
from hookline_console.wiring import build_console
from hookline_fanout.wiring import build_fanout
from hookline_inbound.wiring import build_inbound
from hookline_inbound_worker.wiring import build_inbound_worker
from hookline_scheduler.wiring import build_scheduler
from hookline_sender.wiring import build_sender
from tests.worlds.stack import SETTINGS, a_stack
from tests.worlds.template import (
    ROOT,
    defaults,
    resolved,
    resources,
    statements,
    template,
    variables,
)

BUILD: dict[str, Callable[..., object]] = {
    "ApiFunction": build_api,
    "ConsoleFunction": build_console,
    "FanoutFunction": build_fanout,
    "InboundFunction": build_inbound,
    "InboundWorkerFunction": build_inbound_worker,
    "SchedulerFunction": build_scheduler,
    "SenderFunction": build_sender,
}

FORWARDING = ("InboundFunction", "InboundWorkerFunction")


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


class Recorder:
    """Settings that note down which of them were asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> object:
        # A property, such as `retention`, stands for the fields that it is made of.
        made_of = getattr(type(self.settings), name)
        getter: Any = made_of.fget if isinstance(made_of, property) else None
        self.read |= {name, *(getter.__code__.co_names if getter else ())}
        return getattr(self.settings, name)


@pytest.mark.parametrize("function", SETTINGS)
def test_every_setting_is_read_by_its_function(function: str) -> None:
    kind, build = SETTINGS[function], BUILD[function]
    with a_stack(OidcIssuer="https://issuer.example", OidcAudience="hookline") as stack:
        recorder = Recorder(stack.settings(kind))
        build(recorder) if function == "ConsoleFunction" else build(recorder, stack.clock)
        if function in FORWARDING:
            # Made for the first call that is forwarded, and not before.
            assert InboundStack(recorder, clock=stack.clock).webhooks is not None
    # Every function is given those of the base, whether or not it has metrics to tell by stage.
    own = {field.name for field in fields(kind)} - {field.name for field in fields(Settings)}
    assert own - recorder.read - _read_later(function) == set()


def _read_later(function: str) -> set[str]:
    """The API makes what a request needs when the first one comes that needs it."""
    if function != "ApiFunction":
        return set()
    adapters = (ROOT / "layers" / "core" / "hookline" / "adapters").glob("stack*.py")
    own = (ROOT / "functions" / "api" / "hookline_api").rglob("*.py")
    texts = [path.read_text() for path in (*adapters, *own)]
    return {name for text in texts for name in re.findall(r"settings\.(\w+)", text)}


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
