"""``make guided STAGE=prod``: asks what a first deploy decides, and deploys.

`sam deploy --guided` asks for each of the template's parameters, by its name alone. Here few are
asked for, with their descriptions and what is wrong with an answer. The answers are kept in
samconfig.toml, where ``make deploy`` finds them.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml

from tools import shards

ASKED = ("AlarmEmail", "Monitoring", "DeletionProtection", "PermissionsBoundaryArn")
_SECTION = """
[{stage}.global.parameters]
stack_name = "hookline-{stage}"

[{stage}.deploy.parameters]
capabilities = "CAPABILITY_IAM"
resolve_s3 = true
confirm_changeset = true
{overrides}tags = ["application=hookline", "stage={stage}"]
"""
SAM = Path(sys.executable).with_name("sam")


class _Loader(yaml.SafeLoader):
    """Passes over CloudFormation's short forms, which no parameter has."""


_Loader.add_multi_constructor("!", lambda *_: None)


def refusal(parameter: Mapping[str, Any], text: str) -> str | None:
    """What the template has against a value, in its own words."""
    allowed = parameter.get("AllowedValues")
    if allowed is not None:
        return None if text in allowed else f"one of {', '.join(allowed)}"
    if re.fullmatch(parameter.get("AllowedPattern", ".*"), text):
        return None
    return str(parameter["ConstraintDescription"])


def kept(config: str, stage: str) -> dict[str, str]:
    """The parameters that samconfig.toml has for the stage.

    Raises:
        click.UsageError: they are not a list, as `sam deploy --guided` leaves them.
    """
    given = tomllib.loads(config).get(stage, {}).get("deploy", {}).get("parameters", {})
    overrides = given.get("parameter_overrides", [])
    if not isinstance(overrides, list):
        raise _not_ours(stage)
    pairs = (each.split("=", 1) for each in overrides)
    return {name: value.strip('"') for name, value in pairs}


def written(config: str, stage: str, values: Mapping[str, str]) -> str:
    """samconfig.toml with the stage's parameters in place of those that it had.

    Raises:
        click.UsageError: the stage is in it, in another form.
    """
    named = "".join(
        f"    {json.dumps(f'{name}={_quoted(value)}')},\n" for name, value in values.items()
    )
    overrides = f"parameter_overrides = [\n{named}]\n"
    if stage not in tomllib.loads(config):
        return config + _SECTION.format(stage=stage, overrides=overrides)
    head = rf"^\[{stage}\.deploy\.parameters\]\n(?:(?!\[)[^\n]*\n)*?"
    before = re.search(rf"{head}(?=parameter_overrides = \[[^\]]*\]\n)", config, re.MULTILINE)
    if before is None:
        raise _not_ours(stage)
    rest = config[before.end() :].partition("]\n")[2]
    return config[: before.end()] + overrides + rest


def _quoted(value: str) -> str:
    """SAM leaves what is not named as the stack has it, and ends a bare value at a blank."""
    return value if re.fullmatch(r"\S+", value) else f'"{value}"'


def _not_ours(stage: str) -> click.UsageError:
    return click.UsageError(f"samconfig.toml has [{stage}] in a form of its own: set them there")


def ask(name: str, parameter: Mapping[str, Any], now: str) -> str:
    """The answer; Enter is what stands in brackets. What must be said has nothing there."""
    why = refusal(parameter, now)

    def checked(text: str) -> str:
        value = "" if text == "none" else text
        reason = refusal(parameter, value) if value else why
        if reason is not None:
            raise click.BadParameter(reason)
        return value

    click.echo(f"\n{parameter['Description']}")
    offered = None if why else now or "none"
    return str(click.prompt(f"  {name}", default=offered, value_proc=checked))


def guide(stage: str, folder: Path) -> None:
    """Asks, and keeps the answers.

    Raises:
        click.UsageError: no stage can be called so, or it is written down in another form.
    """
    parameters = yaml.load((folder / "template.yaml").read_text(), _Loader)["Parameters"]  # noqa: S506  # a SafeLoader
    reason = refusal(parameters["Stage"], stage)
    if reason is not None:
        raise click.BadParameter(reason, param_hint="STAGE")
    config = folder / "samconfig.toml"
    values = {"Stage": stage} | kept(config.read_text(), stage)
    click.echo("Enter takes what is in brackets. What else can be set: docs/parameters.md")
    for name in ASKED:
        values[name] = ask(name, parameters[name], values.get(name, parameters[name]["Default"]))
    config.write_text(written(config.read_text(), stage, values))


@click.command()
@click.argument("stage")
def main(stage: str) -> None:
    """Asks, and becomes `sam deploy`, which asks whether to do what it shows."""
    guide(stage, Path.cwd())
    shards.check(stage, Path("samconfig.toml").read_text(), shards.of_stack, datetime.now(UTC))
    sys.stdout.flush()
    os.execv(SAM, ["sam", "deploy", "--config-env", stage])  # noqa: S606  # no shell


if __name__ == "__main__":
    main()
