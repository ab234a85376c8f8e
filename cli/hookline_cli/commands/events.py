"""publish: one event, and what became of it."""

from __future__ import annotations

import json
from typing import Any

import click

from hookline_cli.client import Client
from hookline_cli.errors import CliError, Exit, UsageError
from hookline_cli.feed import attempts_made
from hookline_cli.session import Command, Session, pass_session
from hookline_cli.values import bytes_of, columns, fields

ENDED = {"success", "failed", "cancelled"}
_LOOK_SECONDS = 0.5


@click.command(cls=Command)
@click.argument("event_type", metavar="TYPE", required=False)
@click.option("-d", "--data", metavar="JSON|@FILE", help="The event's data; @- is stdin.")
@click.option(
    "-F", "--field", "given", multiple=True, metavar="NAME=VALUE", help="Any other field."
)
@click.option("-f", "--file", metavar="FILE", help="A whole event as JSON, - for stdin.")
@click.option(
    "--id", "event_id", metavar="ID", help="Your own id: publishing it again is harmless."
)
@click.option("--dry-run", is_flag=True, help="Say which webhooks would get it; publish nothing.")
@click.option(
    "--wait", type=float, metavar="SECONDS", help="Wait for its deliveries; 1 if one fails."
)
@pass_session
def publish(
    session: Session,
    event_type: str | None,
    data: str | None,
    given: tuple[str, ...],
    file: str | None,
    event_id: str | None,
    dry_run: bool,
    wait: float | None,
) -> Exit:
    """Publish an event: its TYPE and --data, or a whole one from a --file.

    What is in --data and --file travels as it is written: numbers keep their digits.
    """
    if (event_type is None) == (file is None):
        raise UsageError("an event has a TYPE, or comes from a --file")
    if file is not None:
        if data or given or event_id:
            raise UsageError("--file holds the whole event: no --data, --field or --id beside it")
        event = _json(bytes_of(file), file)
    else:
        more = {"type": event_type} | ({"id": event_id} if event_id else {}) | fields(given)
        event = _with_data(more, data)
    if dry_run:
        return _would_get(session, event)
    accepted = session.client.post("/events", raw=event)
    if wait is None:
        twice = " (again: nothing is sent twice)" if accepted["duplicate"] else ""
        session.show(accepted, [f"{accepted['id']}  {accepted['type']}{twice}"])
        return Exit.DONE
    return _wait_for(session, accepted["id"], wait)


def _with_data(event: dict[str, Any], data: str | None) -> str:
    text = json.dumps(event)
    if data is None:
        return text
    source = (
        _json(bytes_of(data[1:]), data) if data.startswith("@") else _json(data.encode(), "--data")
    )
    return f'{text[:-1]}, "data": {source}}}'


def _json(source: bytes, name: str) -> str:
    try:
        text = source.decode("utf-8-sig")
        json.loads(text)
    except ValueError as failure:
        raise UsageError(f"{name} is no JSON: {failure}") from failure
    return text


def _would_get(session: Session, event: str) -> Exit:
    items = session.client.post("/events/dry-run", raw=event)["items"]
    rows = [("yes" if item["matched"] else "no", item["name"], item["reason"]) for item in items]
    session.show(items, columns([("GETS IT", "WEBHOOK", "WHY"), *rows]))
    return Exit.DONE


def _wait_for(session: Session, event_id: str, patience: float) -> Exit:
    items = settled(session, event_id, patience)
    rows = [(item["status"], item["id"], item["webhook_id"], outcome(item)) for item in items]
    session.show(
        {"id": event_id, "deliveries": items}, [event_id, *(columns(rows) if rows else ())]
    )
    return Exit.DONE if all(item["status"] == "success" for item in items) else Exit.NO


def settled(session: Session, event_id: str, patience: float) -> list[Any]:
    """The deliveries of an event once each of them has ended, or was attempted in vain.

    Raises:
        CliError: that takes longer than the patience, in seconds.
    """
    client: Client = session.client
    for _ in range(max(1, round(patience / _LOOK_SECONDS))):
        record = _fanned_out(client, event_id)
        if record is not None:
            items = list(client.items(f"/events/{event_id}/deliveries"))
            if len(items) >= record["matched_webhooks"] and all(map(attempts_made, items)):
                return items
        session.world.sleep(_LOOK_SECONDS)
    raise CliError(
        "not_yet", f"{event_id} is not delivered after {patience:g} s; it goes on", Exit.NO
    )


def outcome(item: dict[str, Any]) -> str:
    """How the last attempt of a delivery ended, in a word."""
    attempt = item["last_attempt"]
    if attempt is None:
        return str(item.get("waiting_for") or "not attempted")
    answer = attempt["response"]
    return str(answer["status"]) if answer else str(attempt["error"]["kind"])


def _fanned_out(client: Client, event_id: str) -> Any:
    items = client.items("/events", limit=100)
    return next((item for item in items if item["id"] == event_id), None)
