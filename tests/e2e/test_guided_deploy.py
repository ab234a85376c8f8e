"""Deploys that ask at a terminal, and two stages side by side in one account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.aws import session
from local.deployment import BUILD, PARAMETERS, SAM
from local.options import Options
from local.proxy import Proxy
from tests.e2e.api import Api
from tests.e2e.stack import OWN_ADDRESS, ROOT, Stack
from tests.e2e.tenant import Tenant
from tests.e2e.terminal import Dialogue, answered
from tests.worlds.template import template

STAGE = "second"
SECTION = """
[second.global.parameters]
stack_name = "hookline-second"

[second.deploy.parameters]
capabilities = "CAPABILITY_IAM"
resolve_s3 = true
confirm_changeset = true
parameter_overrides = {overrides}
"""
"""What the emulator cannot do without: nobody is asked for it."""


class Operator:
    """Somebody in the folder of a built Hookline, whose AWS is the emulator."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        (folder / ".aws-sam").mkdir()
        (folder / ".aws-sam" / "build").symlink_to(BUILD / "artifacts")
        (folder / "template.yaml").symlink_to(ROOT / "template.yaml")
        as_the_first = (*PARAMETERS, *OWN_ADDRESS)
        overrides = [each for each in as_the_first if not each.startswith("Stage=")]
        config = (ROOT / "samconfig.toml").read_text() + SECTION.format(overrides=overrides)
        (folder / "samconfig.toml").write_text(config)
        self.folder = folder
        port = str(urlsplit(stack.aws_endpoint).port)
        self.env = Options.from_env({"HOOKLINE_AWS_PORT": port}).aws_env()
        self.env["PYTHONPATH"] = f"{ROOT}:{ROOT / 'layers' / 'core'}"

    def __call__(self, program: str, *arguments: str, **answers: str) -> Dialogue:
        return answered(
            [str(SAM / program), *arguments],
            {name.replace("_", " "): text for name, text in answers.items()}
            | {"Deploy this changeset?": answers.get("deploy", "n")},
            self.folder,
            self.env,
        )


@pytest.fixture(scope="module")
def operator(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    return Operator(stack, tmp_path_factory.mktemp("guided"))


@pytest.fixture(scope="module")
def guided(operator: Operator) -> Dialogue:
    """What `make guided STAGE=second` asks, answered by somebody who wants it deployed."""
    return operator("python", "-m", "tools.guided", STAGE, AlarmEmail="ops@example.com", deploy="y")


@pytest.fixture(scope="module")
def second(stack: Stack, guided: Dialogue) -> Iterator[Stack]:
    """The stage that it made."""
    assert guided.code == 0, guided.printed
    aws = session()
    cloudformation = aws.client("cloudformation", endpoint_url=stack.aws_endpoint)
    (described,) = cloudformation.describe_stacks(StackName=f"hookline-{STAGE}")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    secrets = aws.client("secretsmanager", endpoint_url=stack.aws_endpoint)
    secret = secrets.get_secret_value(SecretId=outputs["RootKeySecretName"])["SecretString"]
    port = urlsplit(stack.aws_endpoint).port
    assert port is not None
    with closing(Proxy(0, port, outputs["HttpApiId"])) as proxy:
        api = f"http://127.0.0.1:{proxy.port}"
        yield replace(stack, api=api, root_key=f"hl_root_{secret}")
    # Its pollers would go on for all other tests.
    cloudformation.delete_stack(StackName=f"hookline-{STAGE}")


def test_a_guided_deploy_asks_little_in_the_templates_own_words(guided: Dialogue) -> None:
    assert guided.asked == [
        ("AlarmEmail", "none"),
        ("Monitoring", "full"),
        ("DeletionProtection", "false"),
        ("PermissionsBoundaryArn", "none"),
        ("Deploy this changeset?", "y/N"),
    ]
    for name, _ in guided.asked[:-1]:
        assert template()["Parameters"][name]["Description"] in guided.printed
    assert guided.code == 0, guided.printed


def test_the_stage_that_it_made_delivers_beside_the_first_which_knows_nothing_of_it(
    stack: Stack, second: Stack
) -> None:
    with closing(Tenant(second)) as tenant:
        hook = tenant.hook()
        event = tenant.publish()
        hook.delivered(event)
        assert len(hook.arrivals(event)) == 1
        there = f"/v1/tenants/{tenant.name}"
        assert Api(stack.api, tenant.name, stack.root_key)("GET", there).status == 404
        assert Api(stack.api, tenant.name, second.root_key)("GET", there).status == 401
        assert Api(second.api, tenant.name, stack.root_key)("GET", there).status == 401


def test_both_stages_have_all_that_they_need_under_names_of_their_own(second: Stack) -> None:
    ours, theirs = names(second, "local"), names(second, STAGE)
    assert {kind: len(found) for kind, found in theirs.items() if not found} == {}
    assert theirs == ours


def names(stack: Stack, stage: str) -> Mapping[str, set[str]]:
    """What a stage's things are called after the stage's own name."""

    def found(service: str, call: str, field: str, key: str | None) -> set[str]:
        client = session().client(service, endpoint_url=stack.aws_endpoint)  # type: ignore[call-overload]  # by name
        pages: Any = client.get_paginator(call).paginate()
        listed = [one if key is None else one[key] for page in pages for one in page[field]]
        mark = f"hookline-{stage}-"
        return {one.partition(mark)[2] for one in listed if mark in one}

    return {
        "tables": found("dynamodb", "list_tables", "TableNames", None),
        "queues": found("sqs", "list_queues", "QueueUrls", None),
        "functions": found("lambda", "list_functions", "Functions", "FunctionName"),
        "secrets": found("secretsmanager", "list_secrets", "SecretList", "Name"),
        "alarms": found("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "log groups": found("logs", "describe_log_groups", "logGroups", "logGroupName"),
    }


def test_sams_own_guide_asks_for_every_parameter_and_enter_takes_what_was_answered_before(
    operator: Operator, second: Stack
) -> None:
    assert second.root_key
    sam = operator("sam", "deploy", "--guided", "--config-env", STAGE)
    assert sam.code == 0, sam.printed
    parameters = [what for what in sam.questions if what.startswith("Parameter ")]
    assert parameters == [f"Parameter {name}" for name in template()["Parameters"]]
    asked = dict(sam.asked)
    assert asked["Stack Name"] == f"hookline-{STAGE}"
    assert asked["Parameter Stage"] == STAGE
    assert asked["Parameter AlarmEmail"] == "ops@example.com"
    # No function without authentication, which Enter would refuse.
    assert not [what for what in sam.questions if "no authentication" in what]
    assert sam.questions[-1] == "Deploy this changeset?"
