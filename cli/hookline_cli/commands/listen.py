"""listen: real deliveries on a developer's machine, which needs no public address."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

import click
import httpx

from hookline_cli.commands.deliveries import a_feed, news
from hookline_cli.errors import CliError, Exit, UsageError
from hookline_cli.feed import attempts_made
from hookline_cli.forwarding import TIMEOUT_SECONDS, Forwarder, Outcome
from hookline_cli.session import Command, Session, WebhookName, pass_session
from hookline_cli.values import printable

LOOK_SECONDS = 1.0
_SECRETS = ("secret", "previous_secret")


@click.command(cls=Command)
@click.option(
    "-f", "--forward", "--forward-to", "forward", metavar="URL", help="http://localhost:3000"
)
@click.option(
    "-w", "--webhook", type=WebhookName(), help="One webhook's; else all of the tenant's."
)
@click.option(
    "-e", "--events", metavar="TYPES", help="Only these, with commas: order.*,invoice.paid"
)
@click.option("--since", metavar="TIME", help="What came since then too: 10m, 2h.")
@click.option("--pristine", is_flag=True, help="As it was sent, under the webhook's own secret.")
@click.option("--print-secret", is_flag=True, help="Print the local signing secret, and end.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after so many calls.")
@pass_session
def listen(
    session: Session,
    forward: str | None,
    webhook: str | None,
    events: str | None,
    since: str | None,
    pristine: bool,
    print_secret: bool,
    count: int | None,
) -> Exit:
    """Forward deliveries to this machine as they are made, until Ctrl-C.

    Each delivery once, at its first attempt from now on, and again when somebody retries it (which
    is seen with --webhook). Calls are signed anew with a secret of this machine, or are --pristine,
    which takes admin on the webhook: the log masks signatures.
    """
    secret = session.world.environ.get("HOOKLINE_LISTEN_SECRET") or session.profiles.listen_secret()
    if print_secret:
        session.show({"secret": secret}, [secret])
        return Exit.DONE
    if forward is None:
        raise UsageError("where to? --forward http://localhost:3000")
    target = _address(forward)
    feed = a_feed(session, webhook, since)
    how = "as they were sent" if pristine else "signed with the secret of --print-secret"
    session.note(f"Listening. Calls go to {target}, {how}. Ctrl-C ends it.")
    sent: dict[str, int] = {}
    forwarded = failed = 0
    with httpx.Client(
        timeout=TIMEOUT_SECONDS, trust_env=False, transport=session.world.local
    ) as http:
        call = Forwarder(target, http)
        try:
            while count is None or forwarded < count:
                for item in news(session, feed):
                    if not (_is_due(item, sent.get(item["id"])) and _is_wanted(item, events)):
                        continue
                    sent[item["id"]] = attempts_made(item)
                    failed += not _forward(session, item, call, None if pristine else secret)
                    forwarded += 1
                    if forwarded == count:
                        break
                else:
                    session.world.sleep(LOOK_SECONDS)
        finally:
            session.note(f"{forwarded} forwarded, {failed} of them failed here.")
    return Exit.NO if failed else Exit.DONE


def _forward(session: Session, item: dict[str, Any], call: Forwarder, secret: str | None) -> bool:
    hook = f"/webhooks/{item['webhook_id']}"
    try:
        request = session.client.get(f"{hook}/deliveries/{item['id']}")["attempts"][-1]["request"]
        if secret is not None:
            outcome = call(request, [secret], int(session.world.now().timestamp()))
        else:
            own = session.client.get(f"{hook}/secret")
            outcome = call(request, [each for each in map(own.get, _SECRETS) if each])
    except CliError as failure:  # one delivery that cannot be read stops no other
        outcome = Outcome(None, str(failure), 0)
    line = f"{item['created_at']}  {item['event_type']}  {item['id']}  -> {outcome.text}"
    said = f"  {outcome.said}" if outcome.said else ""
    session.say(
        {
            "delivery_id": item["id"],
            "webhook_id": item["webhook_id"],
            "event_id": item["event_id"],
            "event_type": item["event_type"],
            "status": outcome.status,
            "error": outcome.error,
            "duration_ms": outcome.duration_ms,
            "ok": outcome.good,
        },
        printable(f"{line} in {outcome.duration_ms} ms{said}"),
        "green" if outcome.good else "red",
    )
    return outcome.good


def _is_due(item: dict[str, Any], sent: int | None) -> bool:
    """Its first attempt, or one that somebody asked for: repeats of the schedule are no news."""
    attempt = item["last_attempt"]
    if attempt is None:
        return False
    return sent is None or (attempt["trigger"] == "retry" and attempts_made(item) > sent)


def _is_wanted(item: dict[str, Any], events: str | None) -> bool:
    patterns = events.split(",") if events else ["*"]
    return any(fnmatchcase(item["event_type"], each.strip()) for each in patterns)


def _address(text: str) -> str:
    """`3000` and `localhost:3000` are understood too."""
    if text.isdecimal():
        return f"http://localhost:{text}"
    return text if re.match(r"https?://", text) else f"http://{text}"
