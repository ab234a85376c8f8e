"""Before a deploy: the shards of hot keys only get steps that every function will know in time.

Functions get their settings at different moments. Were their lists to differ for a time that
counts, some would look for a delivery where others did not put it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from hookline.domain.shards import ONE, Shards

AHEAD = timedelta(hours=1)
"""More than a deploy takes, and its way back if it fails."""

_GIVEN = re.compile(r'(?:^|\s)KeyShards="?([^"\s]*)')


def refusal(before: Shards, wanted: str, now: datetime) -> str | None:
    """What speaks against this list where the stack has another."""
    try:
        after = Shards.parse(wanted)
    except ValueError as error:
        return f"KeyShards={wanted} {error}"
    change = after.first_change_from(before)
    if change is None or change >= now + AHEAD:
        return None
    return (
        f"KeyShards={wanted} counts otherwise than the stack from {change:%Y-%m-%dT%H:%MZ} on."
        f" What has passed stays as it is, and a step is to lie an hour ahead at least:"
        f" {now + AHEAD + timedelta(minutes=1):%Y-%m-%dT%H:%MZ} or later"
    )


def check(
    stage: str, config: str, deployed: Callable[[str, dict[str, Any]], str | None], now: datetime
) -> None:
    """Asks ``deployed`` for the list that the stack has, unless samconfig.toml leaves it as it is.

    It is given the stack's name and the parameters of `sam deploy`, and answers None where there is
    no stack, or none with such a parameter.

    Raises:
        click.UsageError: the lists do not follow each other.
    """
    settings = tomllib.loads(config).get(stage, {})
    deploy = settings.get("deploy", {}).get("parameters", {})
    overrides = deploy.get("parameter_overrides", "")
    given = _GIVEN.search(overrides if isinstance(overrides, str) else " ".join(overrides))
    if given is None:
        return
    name = settings.get("global", {}).get("parameters", {}).get("stack_name", f"hookline-{stage}")
    before = deployed(deploy.get("stack_name", name), deploy)
    reason = refusal(Shards.parse(before) if before else ONE, given[1], now)
    if reason is not None:
        raise click.UsageError(reason)


def of_stack(name: str, deploy: dict[str, Any]) -> str | None:
    """The list that CloudFormation has for a stack."""
    import boto3  # noqa: PLC0415 - for who deploys alone

    session = boto3.Session(profile_name=deploy.get("profile"), region_name=deploy.get("region"))
    return listed(session.client("cloudformation"), name)


def listed(cloudformation: Any, name: str) -> str | None:
    """The parameter of a stack, None where there is neither."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    values = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", ())}
    return values.get("KeyShards")


@click.command()
@click.argument("stage")
def main(stage: str) -> None:
    """Refuses a list that may not follow the one that the stack has."""
    config = Path("samconfig.toml").read_text()
    check(stage, config, of_stack, datetime.now(UTC))


if __name__ == "__main__":
    sys.exit(main())
