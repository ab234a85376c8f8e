"""inbound: what third parties sent, and having it done again."""

from __future__ import annotations

from typing import Any

import click

from hookline_cli.errors import UsageError
from hookline_cli.session import Group, Session, pass_session
from hookline_cli.values import a_moment, columns

_MESSAGE_STATUSES = click.Choice(["pending", "success", "failed"])
_OUTCOMES = click.Choice(["matched", "no_provider", "no_function"])


@click.group(cls=Group)
def inbound() -> None:
    """Look at what third parties sent to /in, and run it again."""


@inbound.command()
@pass_session
def providers(session: Session) -> None:
    """List providers in the order in which they are tried."""
    items = list(session.client.items("/inbound/providers"))
    rows = [
        (
            each["sequence"],
            each["id"],
            "on" if each["active"] else "off",
            each["name"],
            _verify(each),
        )
        for each in items
    ]
    session.show(items, columns([("", "ID", "", "NAME", "VERIFIED BY"), *rows]))


@inbound.command()
@click.option("--status", type=_MESSAGE_STATUSES)
@click.option("--outcome", type=_OUTCOMES)
@click.option("--uri", metavar="PATH", help="After /in/{tenant}/.")
@click.option("--since", metavar="TIME", help="Received then or later: 10m, 2h.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@pass_session
def messages(
    session: Session,
    status: str | None,
    outcome: str | None,
    uri: str | None,
    since: str | None,
    limit: int,
) -> None:
    """List messages, newest first."""
    moment = a_moment(since, session.world.now()) if since else None
    query = {"status": status, "outcome": outcome, "uri": uri, "since": moment}
    items = list(session.client.items("/inbound/messages", limit, **query))
    rows = [
        (
            each["received_at"],
            each["id"],
            f"{each['method']} {each['uri']}",
            each["provider_name"],
            each["status"],
            each["message"],
        )
        for each in items
    ]
    head = ("RECEIVED", "ID", "CALL", "PROVIDER", "STATUS", "WHAT CAME OF IT")
    session.show(items, columns([head, *rows]))


@inbound.command()
@click.argument("message", metavar="MESSAGE")
@pass_session
def message(session: Session, message: str) -> None:
    """Show a message: its bytes, who took it, what ran."""
    found = session.client.get(f"/inbound/messages/{message}")
    lines = [
        f"{found['received_at']}  {found['method']} {found['uri']}  from {found['remote_addr']}",
        f"{found['status']}: {found['message']}",
        *(f"{name}: {value}" for name, value in found["headers"].items()),
        "",
        found["body"],
    ]
    session.show(found, (columns([[line]])[0] for line in lines))


@inbound.command()
@click.argument("messages", nargs=-1, metavar="[MESSAGE]...")
@click.option("--status", type=_MESSAGE_STATUSES)
@click.option("--outcome", type=_OUTCOMES)
@click.option("--since", metavar="TIME", help="Received then or later: 10m, 2h.")
@click.option("--dry-run", is_flag=True, help="Count, and run none.")
@pass_session
def resubmit(
    session: Session,
    messages: tuple[str, ...],
    status: str | None,
    outcome: str | None,
    since: str | None,
    dry_run: bool,
) -> None:
    """Run messages again, each as a new one: those named, or all that the filters find."""
    client = session.client
    if messages:
        if dry_run or status or outcome or since:
            raise UsageError("messages are named, or found by filters, not both")
        made = [client.post(f"/inbound/messages/{each}/resubmit") for each in messages]
        session.show(made, [f"{each['resubmit_of']} again as {each['id']}" for each in made])
        return
    if not (status or outcome or since):
        raise UsageError("which ones? name them, or say --status, --outcome or --since")
    moment = a_moment(since, session.world.now()) if since else None
    named = {"status": status, "outcome": outcome, "since": moment}
    order: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    answers = []
    while True:
        answer = client.post("/inbound/messages/resubmit", order | {"dry_run": dry_run})
        answers.append(answer)
        if dry_run or not answer.get("rest_until"):
            break
        order["until"] = answer["rest_until"]
    session.show(answers, [str(answer) for answer in answers])


def _verify(provider: dict[str, Any]) -> str:
    return str(provider["verify"]["type"])
