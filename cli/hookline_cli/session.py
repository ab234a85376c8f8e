"""Who calls and where to, and how answers are shown; what every command takes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console

from hookline_cli.client import Client
from hookline_cli.errors import CliError, Exit, UsageError
from hookline_cli.profiles import Profile, Profiles
from hookline_cli.values import is_loopback, printable


@dataclass(frozen=True, slots=True)
class World:
    """What comes from outside of the process. ``api`` and ``local`` stand for the network."""

    environ: Mapping[str, str]
    config: Path
    api: httpx.BaseTransport | None = None
    local: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @classmethod
    def real(cls) -> World:
        """This machine's."""
        folder = os.environ.get("HOOKLINE_CONFIG_DIR") or click.get_app_dir("hookline")
        return cls(os.environ, Path(folder) / "profiles.json")


class Session:
    """One run of the tool. Options that stand anywhere on the command line are put into it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.as_json = False
        self.profile_option: str | None = None
        self.tenant_option: str | None = None
        self.profiles = Profiles(world.config)

    @property
    def profile_name(self) -> str:
        """Which stack is meant."""
        return self.profile_option or self.world.environ.get("HOOKLINE_PROFILE") or "default"

    @cached_property
    def profile(self) -> Profile:
        """Address, key and tenant: the environment's before those that `login` kept.

        Raises:
            CliError: there is no address or no key.
        """
        given = self.world.environ
        kept = self.profiles.get(self.profile_name)
        api = given.get("HOOKLINE_API") or (kept and kept.api)
        # A kept key is for the kept address, and goes to no other.
        own = kept.key if kept and kept.api == api else None
        key = given.get("HOOKLINE_KEY") or own
        if not api or not key:
            raise CliError(
                "not_logged_in",
                f"profile {self.profile_name} has no address and key: hookline login, or set"
                " HOOKLINE_API and HOOKLINE_KEY",
                Exit.ACCESS,
            )
        tenant = self.tenant_option or given.get("HOOKLINE_TENANT") or (kept and kept.tenant)
        return Profile(api, key, tenant or None)

    @cached_property
    def client(self) -> Client:
        """The API, at home in the tenant."""
        if self.profile.tenant is None:
            raise UsageError("which tenant? --tenant, HOOKLINE_TENANT, or hookline login --tenant")
        return self.connect(self.profile)

    def connect(self, profile: Profile) -> Client:
        """The API as a profile reaches it.

        Raises:
            UsageError: the key would travel in clear.
        """
        if not profile.api.startswith("https://") and not is_loopback(profile.api):
            raise UsageError(f"{profile.api} would see the key in clear: https, or this machine")
        world = self.world
        return Client(
            profile.api, profile.key, profile.tenant, transport=world.api, sleep=world.sleep
        )

    @cached_property
    def console(self) -> Console:
        """Standard output, in colours where it is a terminal."""
        return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)

    def show(self, value: Any, lines: Iterable[str] = ()) -> None:
        """An answer: as JSON, or as lines for people."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False))
        else:
            for line in lines:
                self.console.print(line)

    def say(self, value: Any, line: str, style: str = "") -> None:
        """One of a stream of answers: a line of JSON, or a line for people."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False))
        else:
            self.console.print(line, style=style)

    def note(self, text: str) -> None:
        """What is no answer goes to stderr."""
        click.echo(text, err=True)

    def fail(self, error: CliError) -> None:
        """Says in one line why the command ended."""
        text = json.dumps(error.document()) if self.as_json else f"hookline: {printable(error)}"
        click.echo(text, err=True)


pass_session = click.make_pass_decorator(Session)


def _sets(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, _: click.Parameter, value: Any) -> None:
        session = context.find_object(Session)
        if session is not None and value:
            setattr(session, name, value)

    return callback


class Command(click.Command):
    """A command with the options that all of them have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(
                ["--json"],
                is_flag=True,
                expose_value=False,
                callback=_sets("as_json"),
                help="Print JSON.",
            ),
            click.Option(
                ["--tenant"],
                metavar="ID",
                expose_value=False,
                callback=_sets("tenant_option"),
                help="The tenant, where it is not the profile's.",
            ),
            click.Option(
                ["--profile"],
                metavar="NAME",
                expose_value=False,
                callback=_sets("profile_option"),
                help="Which login.",
            ),
        ]


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type


class WebhookName(click.ParamType[str]):
    """A webhook by its name or id; the shell completes names."""

    name = "webhook"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002  # click hands it over
        incomplete: str,
    ) -> list[click.shell_completion.CompletionItem]:
        """The names that begin so; none where the API cannot be asked."""
        session = ctx.find_object(Session) or Session(World.real())
        try:
            hooks = session.client.items("/webhooks", limit=100)
            names = [hook["name"] for hook in hooks]
        except CliError:  # a completion has nowhere to say why it has nothing to offer
            names = []
        return [
            click.shell_completion.CompletionItem(name)
            for name in names
            if name.startswith(incomplete)
        ]


def webhook_id(client: Client, named: str) -> str:
    """The id of a webhook given by its id or name.

    Raises:
        CliError: none has the name.
    """
    if named.startswith("wh_"):
        return named
    for hook in client.items("/webhooks", q=named[:200]):
        if hook["name"] == named:
            return str(hook["id"])
    raise CliError("not_found", f"no webhook is called {named!r}", Exit.REFUSED)
