"""listen and tail: real deliveries on the developer's machine, within two seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from hookline_cli.errors import Exit
from local.receiver import Receiver
from tests.cli.conftest import Terminal, answering, at, headers_of
from tests.worlds.wsgi import as_wsgi


def test_a_delivery_is_forwarded_signed_anew_with_the_secret_of_this_machine(
    terminal: Terminal, receiver: Receiver
) -> None:
    acme = terminal.stack.acme
    hook = acme.a_webhook(url=at(receiver, "/real"), headers={"X-Api-Key": "s3cret", "X-Team": "w"})
    secret = terminal.done("listen", "--print-secret").out.strip()
    calls: list[httpx.Request] = []
    terminal.local = answering(200, calls)
    terminal.environ["HOOKLINE_LISTEN_SECRET"] = secret
    publishing_in(terminal, "flow.executed")

    ended = terminal.done("listen", "--forward", "3000", "--count", "1", "--json")

    (call,) = calls
    assert str(call.url) == "http://localhost:3000"
    (real,) = receiver.calls("/real")
    assert call.content.decode() == real.body
    headers = headers_of(call)
    assert headers["webhook-id"] == real.headers["webhook-id"]
    assert headers["x-team"] == "w"
    assert "x-api-key" not in headers
    with pytest.raises(Exception, match="signature"):
        check(hook["secret"], call, terminal)
    check(secret, call, terminal)
    (said,) = ended.lines
    assert said["ok"]
    assert said["webhook_id"] == hook["id"]


def test_pristine_is_as_it_was_sent(terminal: Terminal, receiver: Receiver) -> None:
    hook = terminal.stack.acme.a_webhook(url=at(receiver, "/real"))
    calls: list[httpx.Request] = []
    terminal.local = answering(200, calls)
    publishing_in(terminal, "flow.executed")
    terminal.done(
        "listen", "-f", "http://localhost:3000/x", "-w", hook["name"], "--pristine", "--count", "1"
    )
    (call,) = calls
    check(hook["secret"], call, terminal)


@pytest.mark.parametrize("of", ["webhook", "tenant"])
def test_what_came_before_is_not_forwarded_and_what_comes_is_once(
    terminal: Terminal, receiver: Receiver, of: str
) -> None:
    acme = terminal.stack.acme
    hook = acme.a_webhook(url=at(receiver, "/status/500"), retry={"initial_delay_seconds": 1})
    acme.made("/events", {"type": "flow.executed", "id": "before"})
    terminal.stack.deliver()
    calls: list[httpx.Request] = []
    terminal.local = answering(200, calls)
    publishing_in(terminal, "flow.executed", "flow.stopped", "flow.executed", first="new-")
    only = ["-w", hook["id"]] if of == "webhook" else []
    ended = terminal("listen", "-f", "3000", "-e", "flow.ex*", *only)
    assert ended.code == Exit.INTERRUPTED
    ids = [headers_of(call)["webhook-id"] for call in calls]
    assert [each for each in ids if each != "before"] == ["new-0", "new-2"]
    assert ids.count("before") <= 1  # its retry is an attempt that is made meanwhile


def test_what_came_since_a_time_is_forwarded_too(terminal: Terminal, receiver: Receiver) -> None:
    acme = terminal.stack.acme
    acme.a_webhook(url=at(receiver, "/real"))
    acme.made("/events", {"type": "flow.executed", "id": "before"})
    terminal.stack.deliver()
    calls: list[httpx.Request] = []
    terminal.local = answering(200, calls)
    terminal.done("listen", "-f", "3000", "--since", "10m", "--count", "1")
    assert headers_of(calls[0])["webhook-id"] == "before"


def test_a_retry_by_hand_is_forwarded_again(terminal: Terminal, receiver: Receiver) -> None:
    acme = terminal.stack.acme
    hook = acme.a_webhook(url=at(receiver, "/real"))
    acme.made("/events", {"type": "flow.executed", "id": "again"})
    terminal.stack.deliver()
    calls: list[httpx.Request] = []
    terminal.local = answering(200, calls)
    after(terminal, 3, lambda: retry_the_newest(terminal, hook["id"]))
    terminal.done("listen", "-f", "3000", "-w", hook["id"], "--count", "1")
    assert headers_of(calls[0])["webhook-id"] == "again"


@pytest.mark.parametrize("down", [False, True])
def test_a_failure_of_the_local_receiver_is_said_and_stops_nothing(
    terminal: Terminal, receiver: Receiver, down: bool
) -> None:
    terminal.stack.acme.a_webhook(url=at(receiver, "/real"))

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    terminal.local = httpx.MockTransport(refuse) if down else answering(500, [])
    publishing_in(terminal, "flow.a", "flow.b")
    ended = terminal("listen", "-f", "3000", "--count", "2")
    assert ended.code == Exit.NO
    first, second = ended.out.splitlines()
    assert ("Connection refused" if down else "-> 500 in") in first
    assert "flow.b" in second
    assert "\x1b" not in ended.out
    assert "2 forwarded, 2 of them failed here" in ended.err


def test_a_body_that_the_log_cut_is_not_forwarded_as_if_it_were_whole(
    terminal: Terminal, receiver: Receiver
) -> None:
    acme = terminal.stack.acme
    acme.a_webhook(url=at(receiver, "/real"))
    calls: list[httpx.Request] = []
    terminal.local = answering(200, calls)
    after(terminal, 1, lambda: acme.made("/events", {"type": "flow.a", "data": "x" * 70_000}))
    ended = terminal("listen", "-f", "3000", "--count", "1")
    assert ended.code == Exit.NO
    assert "64 KiB" in ended.out
    assert calls == []


def test_more_than_a_page_at_once_is_forwarded_whole(
    terminal: Terminal, receiver: Receiver
) -> None:
    acme = terminal.stack.acme
    hook = acme.a_webhook(url=at(receiver, "/real"))

    def burst() -> None:
        for batch in range(2):
            events = [{"type": "flow.a", "id": f"b-{batch}-{n}"} for n in range(60)]
            assert acme("POST", "/events/batch", {"events": events}).status == 200

    calls: list[httpx.Request] = []
    terminal.local = answering(200, calls)
    after(terminal, 1, burst)
    terminal.done("listen", "-f", "3000", "-w", hook["id"], "--count", "120")
    assert len({headers_of(call)["webhook-id"] for call in calls}) == 120


@pytest.mark.parametrize("of", ["webhook", "tenant"])
def test_an_api_that_is_away_for_a_while_ends_nothing_and_loses_nothing(
    terminal: Terminal, receiver: Receiver, of: str
) -> None:
    hook = terminal.stack.acme.a_webhook(url=at(receiver, "/real"))
    whole = httpx.WSGITransport(as_wsgi(terminal.stack.call))
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if 3 <= asked < 8:
            raise httpx.ConnectError("no network")
        return whole.handle_request(request)

    calls: list[httpx.Request] = []
    terminal.local = answering(200, calls)
    terminal.patience = 30
    publishing_in(terminal, "flow.a", "flow.b")
    only = ["-w", hook["id"]] if of == "webhook" else []
    ended = terminal("listen", "-f", "3000", "--count", "2", *only, api=httpx.MockTransport(answer))
    assert "it goes on" in ended.err
    assert ended.code == Exit.DONE
    assert sorted(headers_of(call)["webhook-id"] for call in calls) == ["e0", "e1"]


def test_tail_prints_each_change_of_a_delivery(terminal: Terminal, receiver: Receiver) -> None:
    acme = terminal.stack.acme
    hook = acme.a_webhook(url=at(receiver, "/fail/1/x"))
    publishing_in(terminal, "flow.executed")
    after(terminal, 4, lambda: retry_the_newest(terminal, hook["id"]))
    ended = terminal("tail", "-w", hook["name"], "--json")
    assert ended.code == Exit.INTERRUPTED
    assert [line["status"] for line in ended.lines] == ["retrying", "success"]
    shown = terminal.done("tail", "-w", hook["name"], "--no-follow", "--status", "success").out
    assert "flow.executed" in shown
    assert "attempt 2" in shown


def retry_the_newest(terminal: Terminal, hook: str) -> None:
    """Has somebody retry a webhook's newest delivery."""
    path = f"/webhooks/{hook}/deliveries"
    delivery = terminal.stack.acme("GET", path).json["items"][0]
    terminal.stack.acme.made(f"{path}/{delivery['id']}/retry")


def publishing_in(terminal: Terminal, *types: str, first: str = "e") -> None:
    """Has the tenant's program publish once the tool sleeps for the first time.

    A moment lies between two events: what came in the same millisecond has no order.
    """

    def publish() -> None:
        for n, each in enumerate(types):
            terminal.stack.clock.advance(timedelta(milliseconds=1))
            terminal.stack.acme.made("/events", {"type": each, "id": f"{first}{n}"})

    after(terminal, 1, publish)


def after(terminal: Terminal, sleeps: int, act: object) -> None:
    """Has something happen in the tool's sleep of this number."""
    sleep = terminal.sleep

    def asleep(seconds: float) -> None:
        if terminal.slept + 1 == sleeps:
            assert callable(act)
            act()
        sleep(seconds)

    terminal.sleep = asleep  # type: ignore[method-assign]  # this terminal's nights alone


def check(secret: str, call: httpx.Request, terminal: Terminal) -> None:
    """Verifies as a receiver does, whose clock is the stack's."""
    headers = headers_of(call)
    sent_at = int(headers["webhook-timestamp"])
    assert abs(terminal.stack.clock().timestamp() - sent_at) <= 5
    signed = Webhook(secret).sign(
        headers["webhook-id"], datetime.fromtimestamp(sent_at, UTC), call.content.decode()
    )
    assert signed in headers["webhook-signature"].split(), "signature"
