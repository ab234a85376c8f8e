"""verify: whether a call that was received is Hookline's."""

from __future__ import annotations

import json

import click

from hookline_cli import signing
from hookline_cli.errors import Exit, UsageError
from hookline_cli.session import Command, Session, pass_session
from hookline_cli.values import bytes_of, seconds, text_of


@click.command(cls=Command)
@click.option("--headers", required=True, metavar="FILE", help="`Name: value` lines, or JSON.")
@click.option("--body", default="-", metavar="FILE", help="The bytes as they came.  [stdin]")
@click.option("--secret-file", metavar="FILE", help="Else HOOKLINE_SECRET, else it is asked for.")
@click.option("--tolerance", default="5m", metavar="TIME", show_default=True, help="Off the clock.")
@pass_session
def verify(
    session: Session, headers: str, body: str, secret_file: str | None, tolerance: str
) -> Exit:
    """Check a signature: 0 where it is good, 1 with the reason where it is not.

    Asks nobody: no login is needed. An older call is judged with a larger --tolerance.
    """
    if secret_file:
        secret = text_of(secret_file).strip()
    else:
        given = session.world.environ.get("HOOKLINE_SECRET")
        secret = given or click.prompt("Signing secret", hide_input=True, err=True)
    now = session.world.now().timestamp()
    try:
        fault = signing.fault(secret, _headers(headers), bytes_of(body), now, seconds(tolerance))
    except ValueError as failure:
        raise UsageError(str(failure)) from failure
    session.show({"verified": fault is None, "reason": fault}, [fault or "The signature is good."])
    return Exit.DONE if fault is None else Exit.NO


def _headers(path: str) -> dict[str, str]:
    text = text_of(path)
    if text.lstrip().startswith("{"):
        found = json.loads(text)
        return {str(name).lower(): str(value) for name, value in found.items()}
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}
