"""webhooks: list, show, create, edit, delete, test, secret, rotate."""

from __future__ import annotations

import sys
from typing import Any

import click
import yaml

from hookline_cli.commands.deliveries import delivery_line
from hookline_cli.errors import UsageError
from hookline_cli.session import Group, Session, WebhookName, pass_session, webhook_id
from hookline_cli.values import columns, document, fields, printable, seconds

_STATES = ("healthy", "failing", "open", "off")


@click.group(cls=Group)
def webhooks() -> None:
    """Look at webhooks, make them and change them. WEBHOOK is a name or an id."""


@webhooks.command("list")
@click.option("--state", type=click.Choice(_STATES))
@click.option("--event-type", metavar="TYPE", help="Those that hear it.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@pass_session
def list_webhooks(session: Session, state: str | None, event_type: str | None, limit: int) -> None:
    """List webhooks, newest first."""
    items = list(session.client.items("/webhooks", limit, state=state, event_type=event_type))
    rows = [
        (each["id"], _state(each), each["name"], ",".join(each["events"]), each["url"])
        for each in items
    ]
    session.show(items, columns([("ID", "STATE", "NAME", "EVENTS", "URL"), *rows]))


@webhooks.command()
@click.argument("webhook", type=WebhookName())
@pass_session
def show(session: Session, webhook: str) -> None:
    """Show a webhook with everything but its secrets."""
    _show(session, session.client.get(_path(session, webhook)))


@webhooks.command()
@click.option("--name", metavar="TEXT")
@click.option("--url", metavar="URL")
@click.option("-e", "--events", metavar="TYPES", help="With commas: order.*,invoice.paid")
@click.option(
    "-F", "--field", "given", multiple=True, metavar="NAME=VALUE", help="retry.max_attempts=5"
)
@click.option(
    "-f", "--file", metavar="FILE", help="Fields as YAML or JSON, - for stdin; secrets too."
)
@pass_session
def create(
    session: Session,
    name: str | None,
    url: str | None,
    events: str | None,
    given: tuple[str, ...],
    file: str | None,
) -> None:
    """Create a webhook. The answer shows its signing secret."""
    _show(session, session.client.post("/webhooks", _fields(name, url, events, given, file)))


@webhooks.command()
@click.argument("webhook", type=WebhookName())
@click.option("--name", metavar="TEXT")
@click.option("--url", metavar="URL")
@click.option("-e", "--events", metavar="TYPES", help="With commas: order.*,invoice.paid")
@click.option("-F", "--field", "given", multiple=True, metavar="NAME=VALUE", help="enabled=false")
@click.option(
    "-f", "--file", metavar="FILE", help="Fields as YAML or JSON, - for stdin; secrets too."
)
@pass_session
def edit(
    session: Session,
    webhook: str,
    name: str | None,
    url: str | None,
    events: str | None,
    given: tuple[str, ...],
    file: str | None,
) -> None:
    """Change some fields of a webhook. In force with the next attempt."""
    changes = _fields(name, url, events, given, file)
    if not changes:
        raise UsageError("nothing to change: --url, --events, --field or --file")
    _show(session, session.client.patch(_path(session, webhook), changes))


@webhooks.command()
@click.argument("webhook", type=WebhookName())
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@pass_session
def delete(session: Session, webhook: str, yes: bool) -> None:
    """Delete a webhook. What waits for it is cancelled; its log stays readable."""
    path = _path(session, webhook)
    if not yes:
        click.confirm(f"Delete {webhook}?", abort=True, err=True)
    session.client.delete(path)
    session.show({"deleted": webhook}, [f"Deleted {webhook}."])


@webhooks.command()
@click.argument("webhook", type=WebhookName())
@click.option("--type", "event_type", metavar="TYPE", help="[one that it hears]")
@pass_session
def test(session: Session, webhook: str, event_type: str | None) -> None:
    """Send a sample event to a webhook alone, marked as a test."""
    body = {"type": event_type} if event_type else {}
    item = session.client.post(f"{_path(session, webhook)}/test", body)
    session.show(item, [delivery_line(item)])


@webhooks.command()
@click.argument("webhook", type=WebhookName())
@pass_session
def secret(session: Session, webhook: str) -> None:
    """Print a webhook's signing secret."""
    found = session.client.get(f"{_path(session, webhook)}/secret")
    session.show(found, [found["secret"]])


@webhooks.command()
@click.argument("webhook", type=WebhookName())
@click.option(
    "--overlap", metavar="TIME", default="1d", show_default=True, help="Both sign so long."
)
@click.option(
    "--secret-stdin", is_flag=True, help="Read the new secret from stdin; else one is made."
)
@pass_session
def rotate(session: Session, webhook: str, overlap: str, secret_stdin: bool) -> None:
    """Put another signing secret in place and print it."""
    body: dict[str, Any] = {"overlap_seconds": seconds(overlap)}
    if secret_stdin:
        body["secret"] = sys.stdin.readline().strip()
    done = session.client.post(f"{_path(session, webhook)}/secret/rotate", body)
    session.show(done, [done["secret"]])
    if done.get("previous_expires_at"):
        session.note(f"The one before signs too until {done['previous_expires_at']}.")


def _fields(
    name: str | None,
    url: str | None,
    events: str | None,
    given: tuple[str, ...],
    file: str | None,
) -> dict[str, Any]:
    typed = {"name": name, "url": url, "events": events.split(",") if events else None}
    read = document(file) if file else {}
    return read | {key: value for key, value in typed.items() if value is not None} | fields(given)


def _path(session: Session, webhook: str) -> str:
    return f"/webhooks/{webhook_id(session.client, webhook)}"


def _state(webhook: dict[str, Any]) -> str:
    return str(webhook["health"]["state"]) if webhook["enabled"] else "off"


def _show(session: Session, webhook: dict[str, Any]) -> None:
    said = {name: value for name, value in webhook.items() if value not in (None, "", [], {})}
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100)
    session.show(webhook, map(printable, text.splitlines()))
