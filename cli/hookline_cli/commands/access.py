"""login, logout, whoami, open, completion."""

from __future__ import annotations

import sys
from typing import Any

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from hookline_cli.errors import Exit, UsageError
from hookline_cli.profiles import Profile
from hookline_cli.session import Command, Session, pass_session

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_ROOT = "the root key, admin of all tenants"


@click.command(cls=Command)
@click.option("--api", metavar="URL", help="The stack's output ApiUrl.")
@click.option("--key-stdin", is_flag=True, help="Read the key from stdin instead of asking.")
@pass_session
def login(session: Session, api: str | None, key_stdin: bool) -> None:
    """Keep an address and a key, after trying them.

    The key comes from HOOKLINE_KEY, from stdin, or is asked for: never from the command line, where
    others would see it. HOOKLINE_CONFIG_DIR moves the file that keeps it.
    """
    given = session.world.environ
    address = api or given.get("HOOKLINE_API") or click.prompt("Address of the API", err=True)
    if key_stdin:
        key = sys.stdin.readline().strip()
    else:
        key = given.get("HOOKLINE_KEY") or click.prompt("Key", hide_input=True, err=True)
    profile = Profile(address.rstrip("/"), key)
    me = session.connect(profile).get("/v1/me")
    tenants = [each["id"] for each in me["tenants"]]
    tenant = session.tenant_option or (tenants[0] if len(tenants) == 1 else None)
    if tenant is not None and tenant not in tenants and not me["global_admin"]:
        raise UsageError(f"this key sees {', '.join(tenants)}, and no tenant {tenant}")
    session.profiles.put(session.profile_name, Profile(profile.api, key, tenant))
    session.show(
        _of(me, profile.api, tenant),
        [
            f"Logged in to {profile.api} as {_who(me)}, tenant {tenant or 'by --tenant'}.",
            f"Kept in {session.profiles.path}, profile {session.profile_name}.",
        ],
    )


@click.command(cls=Command)
@pass_session
def logout(session: Session) -> Exit:
    """Forget a profile. Its key stays good until it is revoked."""
    there = session.profiles.remove(session.profile_name)
    words = "Forgotten" if there else "There is no such profile"
    session.show({"removed": there}, [f"{words}: {session.profile_name}."])
    return Exit.DONE if there else Exit.NO


@click.command(cls=Command)
@pass_session
def whoami(session: Session) -> None:
    """Say which stack, tenant and principal commands speak for."""
    profile = session.profile
    me = session.connect(profile).get("/v1/me")
    session.show(
        _of(me, profile.api, profile.tenant),
        [f"{_who(me)} at {profile.api}, tenant {profile.tenant or 'by --tenant'}"],
    )


@click.command("open", cls=Command)
@click.option("--print", "print_only", is_flag=True, help="Print the address, open nothing.")
@pass_session
def open_console(session: Session, print_only: bool) -> None:
    """Open the console in a browser. It asks for the key: an address must not hold one."""
    address = f"{session.profile.api}/console"
    if not print_only:
        click.launch(address)
    session.show({"url": address}, [address])


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what a shell needs to complete commands, options and webhooks' names.

    bash: eval "$(hookline completion bash)" in ~/.bashrc; zsh the same in ~/.zshrc; fish:
    hookline completion fish > ~/.config/fish/completions/hookline.fish
    """
    completes = _SHELLS[shell]
    root = context.find_root().command
    click.echo(completes(root, {}, "hookline", "_HOOKLINE_COMPLETE").source())


def _who(me: dict[str, Any]) -> str:
    principal = me["principal"]
    return f"{principal['name']} ({principal['id']})" if principal else _ROOT


def _of(me: dict[str, Any], api: str, tenant: str | None) -> dict[str, Any]:
    return {"api": api, "tenant": tenant, "principal": me["principal"], "via": me["via"]}
