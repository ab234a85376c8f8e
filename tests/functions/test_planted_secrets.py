"""Secrets planted in every field that takes one are found nowhere but where they belong.

Everything is done with them that can be: the API's every route, deliveries that succeed, fail, hang
and meet no TLS, retries, dead letters, calls of third parties. Endpoints and users' functions tell
all that they were told. Then everything that was answered, logged, queued and stored is searched.
"""

from __future__ import annotations

import html
import io
import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import trustme
from moto.sqs.models import Message, sqs_backends

from hookline.adapters.dynamo.table.attributes import from_wire
from hookline.adapters.telemetry import start_logging
from tests.contract.http.endpoints import OK, Endpoint, Peer, answering
from tests.functions.planted_secrets import PLANTED, TOKEN_HEADER, Planted
from tests.worlds.account import ACCOUNT, REGION
from tests.worlds.client import ROOT_KEY, Reply
from tests.worlds.stack import Stack, a_stack


def telling(peer: Peer) -> None:
    """A debug page, on which an endpoint shows in every usual form what it was sent and knows."""
    while (request := peer.request()) is not None:
        shown = json.dumps(request.headers)
        plain = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        forms = (shown, shown.replace("/", r"\/"), plain, html.escape(plain), quote(plain, safe=""))
        known = [PLANTED["signing secret"].text, PLANTED["previous signing secret"].text]
        echoed = request.headers["Authorization"]
        if echoed.startswith("Basic "):
            known += [f"{PLANTED['password'].text} is not the password of u"]
        body = "\n".join((*forms, *known)).encode() + request.body
        head = f"HTTP/1.1 500 X\r\nContent-Length: {len(body)}\r\nX-Echo: {echoed}\r\n\r\n"
        peer.send(head.encode() + body)


def of_an_unknown_authority() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


def tables_of(stack: Stack) -> dict[str, str]:
    """The raw items of every table, and the texts that are stored compressed."""
    names = stack.dynamodb.list_tables()["TableNames"]
    found: dict[str, str] = {}
    for name in names:
        items = stack.dynamodb.scan(TableName=name)["Items"]
        read = json.dumps([from_wire(item) for item in items], default=repr)
        found[f"table {name}"] = json.dumps(items, default=str) + read
    return found


def told(message: Message) -> str:
    return f"{message.body} {message.message_attributes}"


def queues() -> dict[str, str]:
    """Every message that no queue has deleted, hidden ones and attributes included."""
    backend = sqs_backends[ACCOUNT][REGION]
    return {
        f"queue {name}": "\n".join(
            f"{each.body} {each.message_attributes}" for each in queue._messages
        )
        for name, queue in backend.queues.items()
    }


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is left of it by where it was found, and the answers that may show signing secrets."""

    left: Mapping[str, str]
    shown: Sequence[Reply]


@pytest.fixture(scope="module")
def evidence() -> Iterator[Evidence]:
    """Of all that was done."""
    said = io.StringIO()
    with ExitStack() as undo:
        undo.enter_context(redirect_stdout(said))
        undo.enter_context(redirect_stderr(said))
        stack = undo.enter_context(a_stack(LogLevel="DEBUG", SuccessLog="each"))
        start_logging("api", "DEBUG")  # the others do so when they are built
        answers = undo.enter_context(answering(OK))
        tells = undo.enter_context(Endpoint(telling))
        hangs = undo.enter_context(Endpoint(Peer.stall))
        distrusted = undo.enter_context(answering(OK, tls=of_an_unknown_authority()))
        planted = Planted(stack)
        planted.webhooks(
            answers=f"http://127.0.0.1:{answers.port}",
            tells=f"http://127.0.0.1:{tells.port}",
            hangs=f"http://127.0.0.1:{hangs.port}",
            distrusted=f"https://127.0.0.1:{distrusted.port}",
        )
        planted.refused()
        planted.deliveries()
        planted.inbound()
        planted.read_all()
        left = tables_of(stack) | queues() | planted.answers
        left["standard output and error"] = said.getvalue()
        left["bodies sent"] = "\n".join(each.body.decode() for each in answers.requests)
        yield Evidence(left, planted.shown)


@pytest.fixture
def left(evidence: Evidence) -> Mapping[str, str]:
    return evidence.left


@pytest.mark.parametrize("field", PLANTED)
def test_what_is_planted_is_nowhere_but_where_it_belongs(
    left: Mapping[str, str], field: str
) -> None:
    forms = PLANTED[field].forms()
    assert {place for place, text in left.items() if any(form in text for form in forms)} == set()


def test_callers_keys_are_nowhere_either(left: Mapping[str, str]) -> None:
    secret = ROOT_KEY.removeprefix("hl_root_")
    assert {place for place, text in left.items() if secret in text} == set()


def test_all_that_could_tell_them_has_happened(left: Mapping[str, str]) -> None:
    everything = "\n".join(left.values())
    deliveries = left["table hookline-test-deliveries"]
    for kind in ("success", "failed", "retrying", '"timeout"', '"tls"', '"500"'):
        assert kind in deliveries, kind
    assert '"retry"' in deliveries, "a retry that a user asked for"
    assert '"number": {"N": "1"}' in left["table hookline-test-attempts"], "the attempt before it"
    assert "attempt failed" in left["queue hookline-test-dead-letters"]
    assert "sealed" in left["table hookline-test-idempotency"]
    assert "hookline.webhook.updated" in left["bodies sent"]
    assert "hookline.delivery.failed" in left["bodies sent"]
    assert "*****" in left["table hookline-test-webhooks"]
    messages = left["table hookline-test-inbound-messages"]
    for outcome in ("matched", "no_provider", "resubmitted_by", "the match function said no"):
        assert outcome in messages, outcome
    assert "delivery.attempted" in left["standard output and error"]
    assert "inbound.processed" in left["standard output and error"]
    assert '"_aws"' in left["standard output and error"]
    assert TOKEN_HEADER.lower() in everything


def test_the_answers_that_may_show_the_signing_secrets_show_those_and_no_other(
    evidence: Evidence,
) -> None:
    allowed = {PLANTED[name].text for name in ("signing secret", "previous signing secret")}
    others = [PLANTED[name] for name in ("password", "token", "sensitive header")]
    for answer in evidence.shown:
        assert answer.json["secret"] in allowed
        assert not any(form in answer.text for each in others for form in each.forms())
