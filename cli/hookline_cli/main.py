"""The command line as a whole, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import click

from hookline_cli.commands import (
    access,
    configuration,
    deliveries,
    events,
    inbound,
    listen,
    verify,
    webhooks,
)
from hookline_cli.errors import CliError, Exit
from hookline_cli.session import Group, Session, World


def _version() -> str:
    try:
        return version("hookline-cli")
    except PackageNotFoundError:  # run from the source, not installed
        return "unreleased"


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="hookline")
def cli() -> None:
    """Hookline from a terminal. `hookline login` comes first."""


for _command in (
    access.login,
    access.logout,
    access.whoami,
    events.publish,
    listen.listen,
    deliveries.tail,
    deliveries.retry,
    deliveries.recover,
    webhooks.webhooks,
    inbound.inbound,
    configuration.apply,
    configuration.export,
    verify.verify,
    access.open_console,
    access.completion,
):
    cli.add_command(_command)


def run(arguments: Sequence[str], session: Session) -> int:
    """Runs a command line; the exit code."""
    try:
        ended = cli.main(list(arguments), prog_name="hookline", standalone_mode=False, obj=session)
    except CliError as error:
        session.fail(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # `hookline tail | head`: nobody reads any more. What is left must not be flushed into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    return ended if isinstance(ended, int) else Exit.DONE


def main() -> None:
    """The entry point."""
    sys.exit(run(sys.argv[1:], Session(World.real())))
