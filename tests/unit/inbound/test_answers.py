"""Answers that users configure: challenges of their own, fixed answers, refusals, and who waits."""

from __future__ import annotations

import pytest

from hookline.domain.inbound.answers import Answer
from hookline.domain.inbound.message import Outcome
from hookline.errors import Rejected
from hookline.services.inbound.receive import Accepted, Done, Refused
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.unit.inbound.flaky import INVOKE, Flaky
from tests.unit.inbound.senders import ALL, SECRET

_TEXT = "text/plain; charset=utf-8"


# -- of users' own ---------------------------------------------------------------------------------


def test_users_have_their_own_challenges_and_answers() -> None:
    stack = Stack()
    challenge = {
        "when": "method == 'GET' && query.echo",
        "respond": {
            "status": 201,
            "headers": {"X-Echo": "query.echo[0]"},
            "body": "{got: query.echo}",
        },
    }
    fixed = {"status": 204, "headers": {"X-Thanks": "yes"}, "body": ""}
    stack.a_function(stack.a_provider(challenges=[challenge], respond=fixed))
    asked = stack.receive(a_call(method="GET", body=b"", query={"echo": ("a", "b")}))
    assert getattr(asked, "answer", None) == Answer(
        201, {"Content-Type": _TEXT, "X-Echo": "a"}, '{"got":["a","b"]}'
    )
    other = stack.kept(a_call())
    assert other == Accepted(other.message_id, Answer(204, {"X-Thanks": "yes"}, ""))
    assert len(stack.queue.sent) == 1


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"challenges": [{"when": "a.["}]}, {"challenges.0.when", "challenges.0.respond"}),
        (
            {"challenges": [{"when": "a", "respond": {"status": 302}}]},
            {"challenges.0.respond.status"},
        ),
        ({"challenges": [{"when": "a", "respond": {"body": "]"}}]}, {"challenges.0.respond.body"}),
        ({"respond": {"headers": {"Set-Cookie": "a"}}}, {"respond.headers.Set-Cookie"}),
        ({"respond": {"headers": {"Content-Length": "1"}}}, {"respond.headers.Content-Length"}),
        ({"respond": {"body": 1}}, {"respond.body"}),
        ({"mode": "later"}, {"mode"}),
    ],
)
def test_what_cannot_be_an_answer_is_refused_by_name(
    fields: dict[str, object], names: set[str]
) -> None:
    with pytest.raises(Rejected) as refused:
        Stack().a_provider(**fields)
    assert {each.field for each in refused.value.errors} == names


def test_a_call_that_does_not_verify_is_answered_401_where_its_provider_says_so() -> None:
    stack = Stack()
    verify = {"type": "github", "secret": SECRET, "on_mismatch": "401"}
    stack.a_provider(verify=verify)
    stack.a_provider(name="anybody")
    answer = stack.receive(a_call(headers={"x-hub-signature-256": "sha256=00"}))
    assert isinstance(answer, Refused)
    stack.work(answer.message_id)
    message = stack.message(answer.message_id)
    assert (message.outcome, len(message.passed_over)) == (Outcome.NO_PROVIDER, 1)


def test_xeros_intent_to_receive_is_answered_200_and_401() -> None:
    stack = Stack()
    (signed,) = [each for each in ALL if each.preset == "xero"]
    stack.a_provider(verify={"type": "xero", "secret": SECRET})
    right = stack.receive(a_call(body=signed.call.body, headers=signed.call.headers))
    assert getattr(right, "answer", None) == Answer(200, {}, "")
    wrong = stack.receive(a_call(body=signed.call.body + b" ", headers=signed.call.headers))
    assert isinstance(wrong, Refused)


# -- who waits -------------------------------------------------------------------------------------


def test_a_provider_may_say_that_its_callers_always_wait_or_never_do() -> None:
    flaky = Flaky()
    stack = Stack(answers={LAMBDA_ARN: flaky})
    header = {"flex-sync-webhook": "true"}
    sync = stack.a_provider(name="sync", mode="sync", match={"expression": "path == 'sync'"})
    never = stack.a_provider(name="never", mode="async", match={"expression": "path == 'never'"})
    for provider in (sync, never):
        stack.a_function(provider, uri="**", action=INVOKE)
    assert isinstance(stack.receive(a_call(uri="sync")), Done)
    assert flaky.calls == 1
    assert isinstance(stack.receive(a_call(uri="never", headers=header)), Accepted)
    assert flaky.calls == 1, "a header does not hold a process for a provider that says no"


def test_a_synchronous_call_that_does_not_verify_is_told_so() -> None:
    stack = Stack()
    stack.a_provider(mode="sync", verify={"type": "github", "secret": SECRET})
    assert isinstance(stack.receive(a_call()), Refused)
