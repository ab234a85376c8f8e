"""publish, retry, webhooks, inbound and verify over a whole stack."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx
import pytest
import yaml
from standardwebhooks import Webhook

from hookline_cli.errors import Exit
from hookline_cli.session import Session, WebhookName, World
from local.receiver import Receiver
from tests.cli.conftest import Terminal, at
from tests.worlds.client import gateway_event
from tests.worlds.wsgi import as_wsgi


def test_what_is_published_keeps_its_digits_and_its_deliveries_are_waited_for(
    terminal: Terminal, receiver: Receiver
) -> None:
    terminal.stack.acme.a_webhook(url=at(receiver, "/real"), events=["order.*"])
    ended = terminal.done(
        "publish",
        "order.paid",
        "-d",
        '{"total": 19.90}',
        "-F",
        "actor.id=u-4",
        "--wait",
        "30",
        "--json",
    )
    (call,) = receiver.calls("/real")
    assert '"total":19.90' in call.body.replace(" ", "")
    assert json.loads(call.body)["actor"] == {"id": "u-4"}
    assert [each["status"] for each in ended.json["deliveries"]] == ["success"]


def test_waiting_for_a_delivery_that_fails_says_so(terminal: Terminal, receiver: Receiver) -> None:
    terminal.stack.acme.a_webhook(url=at(receiver, "/status/503"), events=["order.*"])
    ended = terminal("publish", "order.paid", "--wait", "30")
    assert ended.code == Exit.NO
    assert "503" in ended.out


def test_a_whole_event_comes_from_stdin_and_again_is_sent_once(terminal: Terminal) -> None:
    event = '{"type": "order.paid", "id": "o-1", "data": {"n": 1e3}}'
    assert "o-1" in terminal.done("publish", "-f", "-", given=event).out
    assert "again" in terminal.done("publish", "-f", "-", given=event).out
    assert "again" in terminal.done("publish", "-f", "-", given="\ufeff" + event).out
    assert terminal("publish", "-f", "-", given="{").code == Exit.USAGE
    assert terminal("publish").code == Exit.USAGE
    assert terminal("publish", "a", "-F", "x").code == Exit.USAGE


def test_a_dry_run_says_who_would_get_an_event_and_who_not_and_why(terminal: Terminal) -> None:
    terminal.stack.acme.a_webhook(name="billing", events=["invoice.*"])
    (row,) = terminal.done("publish", "order.paid", "--dry-run", "--json").json
    assert not row["matched"]
    assert "billing" in terminal.done("publish", "order.paid", "--dry-run").out


def test_a_delivery_is_retried_by_its_id_alone(terminal: Terminal, receiver: Receiver) -> None:
    acme = terminal.stack.acme
    hook = acme.a_webhook(url=at(receiver, "/fail/1/x"), retry={"max_attempts": 1})
    acme.made("/events", {"type": "flow.executed"})
    terminal.stack.deliver()
    (delivery,) = acme("GET", f"/webhooks/{hook['id']}/deliveries").json["items"]
    assert delivery["status"] == "failed"
    ended = terminal.done("retry", delivery["id"], "--wait", "30")
    assert "success" in ended.out
    assert "dlv_" in terminal.done("retry", delivery["id"], "-w", hook["name"]).out
    assert "--webhook" in terminal("retry", "dlv_" + "0" * 26).err


def test_a_webhook_is_made_shown_edited_rotated_tested_and_deleted(
    terminal: Terminal, receiver: Receiver
) -> None:
    made = terminal.done(
        "webhooks",
        "create",
        "--name",
        "w",
        "--url",
        at(receiver, "/w"),
        "-e",
        "a.*,b",
        "-F",
        "retry.max_attempts=2",
    )
    secret = yaml.safe_load(made.out)["secret"]
    assert terminal.done("webhooks", "secret", "w").out.strip() == secret
    assert "a.*,b" in terminal.done("webhooks", "list").out
    terminal.done("webhooks", "edit", "w", "-F", "timeout_seconds=7", "--events", "c")
    shown = terminal.done("webhooks", "show", "w", "--json").json
    assert (shown["timeout_seconds"], shown["events"], shown["retry"]["max_attempts"]) == (
        7,
        ["c"],
        2,
    )
    assert terminal.done("webhooks", "rotate", "w", "--overlap", "1h").out.strip() != secret
    terminal.done("webhooks", "test", "w")
    terminal.stack.deliver()
    assert json.loads(receiver.calls("/w")[0].body)["test"]
    assert terminal("webhooks", "edit", "w").code == Exit.USAGE
    assert terminal("webhooks", "delete", "w", given="n\n").code == Exit.INTERRUPTED
    terminal.done("webhooks", "delete", "w", "--yes")
    assert terminal("webhooks", "show", "w").code == Exit.REFUSED


def test_a_secret_is_taken_from_a_file_and_refused_on_the_command_line(
    terminal: Terminal, tmp_path: Path
) -> None:
    command = ["webhooks", "create", "--name", "w", "--url", "https://example.com", "-e", "a"]
    for field in ("secret=x", "auth.token=x", "headers.Authorization=x"):
        refused = terminal(*command, "-F", field)
        assert refused.code == Exit.USAGE
        assert "--file" in refused.err
    fields = tmp_path / "auth.yaml"
    fields.write_text("auth: {type: bearer, token: t0ken}\n")
    assert "t0ken" not in terminal.done(*command, "-f", str(fields)).out


def test_names_are_completed_by_the_shell(terminal: Terminal) -> None:
    terminal.stack.acme.a_webhook(name="orders to the warehouse")
    api = httpx.WSGITransport(as_wsgi(terminal.stack.call))
    session = Session(World(terminal.environ, terminal.config, api=api))
    context = click.Context(click.Command("x"), obj=session)
    found = WebhookName().shell_complete(context, click.Option(["-w"]), "ord")
    assert [each.value for each in found] == ["orders to the warehouse"]


def test_what_third_parties_sent_is_listed_and_run_again(terminal: Terminal) -> None:
    acme = terminal.stack.acme
    acme.made(
        "/inbound/providers",
        {"name": "any", "match": {"expression": "`true`"}, "verify": {"type": "none"}},
    )
    assert "any" in terminal.done("inbound", "providers").out
    terminal.stack.inbound("push", b'{"x": 1}', {"x-from": "them"})
    (message,) = terminal.done("inbound", "messages", "--outcome", "no_function", "--json").json
    assert "push" in terminal.done("inbound", "messages", "--since", "1h").out
    assert '{"x": 1}' in terminal.done("inbound", "message", message["id"]).out
    assert message["id"] in terminal.done("inbound", "resubmit", message["id"]).out
    (counted,) = terminal.done(
        "inbound", "resubmit", "--outcome", "no_function", "--dry-run", "--json"
    ).json
    assert counted["matched"] == 1
    assert terminal("inbound", "resubmit").code == Exit.USAGE


SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize("spoilt", [None, "body", "secret", "time", "headers"])
def test_a_signature_of_the_specifications_own_library_is_told_good_from_bad(
    terminal: Terminal, tmp_path: Path, spoilt: str | None
) -> None:
    now = terminal.stack.clock()
    sent_at = datetime.fromtimestamp(int(now.timestamp()) - (400 if spoilt == "time" else 4), UTC)
    body = '{"name": "Zoë"}\n'
    headers = {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": str(int(sent_at.timestamp())),
        "Webhook-Signature": f"v1,AAAA {Webhook(SECRET).sign('evt_1', sent_at, body)}",
    }
    if spoilt == "headers":
        del headers["Webhook-Id"]
    (tmp_path / "headers").write_text(
        "".join(f"{name}: {text}\n" for name, text in headers.items())
    )
    (tmp_path / "body").write_bytes(body.encode() + (b" " if spoilt == "body" else b""))
    other = "whsec_" + "A" * 32
    (tmp_path / "secret").write_text(other if spoilt == "secret" else SECRET)
    terminal.environ.clear()
    files = [f"--{name}={tmp_path / name}" for name in ("headers", "body")]
    ended = terminal("verify", *files, f"--secret-file={tmp_path / 'secret'}", "--json")
    assert ended.json["verified"] == (spoilt is None)
    assert ended.code == (Exit.DONE if spoilt is None else Exit.NO)


def test_the_older_headers_and_real_calls_verify_too(
    terminal: Terminal, receiver: Receiver, tmp_path: Path
) -> None:
    hook = terminal.stack.acme.a_webhook(url=at(receiver, "/x"), signatures=["hmac-sha256"])
    terminal.stack.acme.made("/events", {"type": "flow.executed"})
    terminal.stack.deliver()
    (call,) = receiver.calls("/x")
    (tmp_path / "headers").write_text(json.dumps(call.headers))
    terminal.environ["HOOKLINE_SECRET"] = hook["secret"]
    assert terminal("verify", "--headers", str(tmp_path / "headers"), given=call.body).code == 0
    assert terminal("verify", "--headers", str(tmp_path / "headers"), given="{}").code == Exit.NO


def test_a_message_with_a_terminals_commands_in_it_moves_no_cursor(terminal: Terminal) -> None:
    terminal.stack.acme.made(
        "/inbound/providers",
        {"name": "any", "match": {"expression": "`true`"}, "verify": {"type": "none"}},
    )
    event = gateway_event("POST", "/in/acme/x", body=b"\x1b]0;owned\x07", headers={})
    terminal.stack.answer(event)
    terminal.stack.work()
    (message,) = terminal.done("inbound", "messages", "--json").json
    assert "\x1b" not in terminal.done("inbound", "message", message["id"]).out
