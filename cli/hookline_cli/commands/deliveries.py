"""tail, retry, recover: deliveries as they come, and those that are to come again."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hookline_cli.client import Client
from hookline_cli.commands.events import ENDED, outcome
from hookline_cli.errors import CliError, Exit, UsageError
from hookline_cli.feed import Feed, TenantFeed, WebhookFeed, attempts_made
from hookline_cli.session import Command, Session, WebhookName, pass_session, webhook_id
from hookline_cli.values import a_moment, columns, printable

STATUSES = ("created", "retrying", "success", "failed", "cancelled")
STYLES = {"success": "green", "failed": "red", "retrying": "yellow"}
_LOOK_SECONDS = 1.0
_SEARCHED = 1_000


def a_feed(session: Session, webhook: str | None, since: str | None) -> Feed:
    """The deliveries of a webhook, or of the whole tenant."""
    client = session.client
    moment = a_moment(since, session.world.now()) if since else None
    if webhook is None:
        return TenantFeed(client, moment)
    return WebhookFeed(client, webhook_id(client, webhook), moment)


def news(session: Session, feed: Feed) -> list[dict[str, Any]]:
    """What a look finds. An API that cannot be reached now is asked again: laptops sleep."""
    try:
        return feed.look()
    except CliError as failure:
        if failure.exit_code != Exit.UNAVAILABLE:
            raise
        session.note(f"hookline: {printable(failure)}; it goes on")
        return []


@click.command(cls=Command)
@click.option(
    "-w", "--webhook", type=WebhookName(), help="One webhook's; else the tenant's new ones."
)
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES))
@click.option("--since", metavar="TIME", help="From then on: 10m, 2h, 2026-11-22T13:00:00Z.")
@click.option("--no-follow", is_flag=True, help="Print what is there, and end.")
@pass_session
def tail(
    session: Session,
    webhook: str | None,
    statuses: tuple[str, ...],
    since: str | None,
    no_follow: bool,
) -> None:
    """Print deliveries as they come and change, until Ctrl-C."""
    feed = a_feed(session, webhook, since or ("1h" if no_follow else None))
    while True:
        for item in news(session, feed):
            if not statuses or item["status"] in statuses:
                session.say(item, delivery_line(item), STYLES.get(item["status"], ""))
        if no_follow:
            return
        session.world.sleep(_LOOK_SECONDS)


@click.command(cls=Command)
@click.argument("delivery", metavar="DELIVERY")
@click.option("-w", "--webhook", type=WebhookName(), help="Whose it is; else it is searched for.")
@click.option("--wait", type=float, metavar="SECONDS", help="Wait for the attempt; 1 if it fails.")
@pass_session
def retry(session: Session, delivery: str, webhook: str | None, wait: float | None) -> Exit:
    """Attempt a delivery at once, past an open circuit too, with a fresh schedule."""
    client = session.client
    owner = webhook_id(client, webhook) if webhook else _owner(client, delivery)
    path = f"/webhooks/{owner}/deliveries/{delivery}"
    before = attempts_made(client.get(path))
    item = client.post(f"{path}/retry")
    if wait is not None:
        for _ in range(max(1, round(wait / _LOOK_SECONDS))):
            item = client.get(path)
            if attempts_made(item) > before:
                break
            session.world.sleep(_LOOK_SECONDS)
    session.show(item, [delivery_line(item)])
    return Exit.DONE if wait is None or item["status"] == "success" else Exit.NO


@click.command(cls=Command)
@click.argument("webhook", type=WebhookName())
@click.option("--since", metavar="TIME", help="Created then or later: 2h, 2026-11-22T13:00:00Z.")
@click.option("--until", metavar="TIME", help="Created before; now.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="[failed]")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Of these event types alone.")
@click.option("--rate", type=float, metavar="N", help="Deliveries a second.  [10]")
@click.option("--dry-run", is_flag=True, help="Count, and send nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--no-wait", is_flag=True, help="Begin, and do not watch.")
@click.option("--cancel", metavar="JOB", help="Stop a recovery that runs.")
@pass_session
def recover(
    session: Session,
    webhook: str,
    since: str | None,
    until: str | None,
    statuses: tuple[str, ...],
    types: tuple[str, ...],
    rate: float | None,
    dry_run: bool,
    yes: bool,
    no_wait: bool,
    cancel: str | None,
) -> None:
    """Attempt again what failed in a time range: count, ask, and show how far it is."""
    client = session.client
    path = f"/webhooks/{webhook_id(client, webhook)}/recover"
    if cancel is not None:
        job = client.post(f"{path}/{cancel}/cancel")
        session.show(job, [_progress_line(job)])
        return
    if since is None:
        raise UsageError("from when on? --since 2h")
    now = session.world.now()
    order: dict[str, Any] = {"since": a_moment(since, now)}
    # What was counted is what is sent, however long the answer takes.
    order["until"] = a_moment(until, now) if until else a_moment("0s", now)
    order |= {"statuses": list(statuses)} if statuses else {}
    order |= {"types": list(types)} if types else {}
    counted = client.post(path, order | {"dry_run": True})
    if dry_run:
        session.show(counted, [f"{counted['matched']} deliveries would be attempted again"])
        return
    if not yes:
        click.confirm(f"Attempt {counted['matched']} deliveries again?", abort=True, err=True)
    job = client.post(path, order | ({"rate_per_second": rate} if rate else {}))
    if not no_wait:
        job = _watched(session, path, job)
    session.show(job, [_progress_line(job)])


def _watched(session: Session, path: str, job: dict[str, Any]) -> dict[str, Any]:
    """The job once it has ended. Ctrl-C stops the watching, not the job."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        auto_refresh=False,
        transient=True,
        disable=session.as_json or not console.is_terminal,
    )
    try:
        with bar:
            task = bar.add_task(job["id"], total=job["matched"])
            while job["status"] == "running":
                bar.update(task, completed=job["matched"] - job["remaining"], refresh=True)
                session.world.sleep(_LOOK_SECONDS)
                job = session.client.get(f"{path}/{job['id']}")
    except KeyboardInterrupt:
        stop = f"hookline recover {job['webhook_id']} --cancel {job['id']}"
        session.note(f"It goes on. To stop it: {stop}")
        raise
    return job


def _owner(client: Client, delivery: str) -> str:
    """The webhook of a delivery that waits or failed: the path to it names both."""
    for item in client.items("/deliveries", limit=_SEARCHED):
        if item["id"] == delivery:
            return str(item["webhook_id"])
    raise CliError(
        "not_found",
        f"{delivery} is none of those that wait or failed last: name its --webhook",
        Exit.REFUSED,
    )


def _progress_line(job: dict[str, Any]) -> str:
    over = f", {job['passed_over']} passed over" if job.get("passed_over") else ""
    return (
        f"{job['id']}  {job['status']}: {job['resent']} of {job['matched']} attempted again{over}"
    )


def delivery_line(item: dict[str, Any]) -> str:
    """A delivery in one line."""
    due = item["next_attempt_at"]
    then = f"next {due}" if due and item["status"] not in ENDED else ""
    count = f"attempt {item['attempt_count']}"
    row = (item["created_at"], item["id"], item["event_type"], item["status"], count, outcome(item))
    return printable("  ".join(filter(None, (*columns([row]), then))))
