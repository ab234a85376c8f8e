"""Credentials of calls and secrets of providers are not kept where messages are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from hookline.domain.inbound.message import Progress
from hookline.domain.inbound.tasks import MAX_TRIES
from hookline.domain.mask import MASK
from hookline.domain.request.scrubbing import as_shown
from hookline.errors import Unavailable
from hookline.ports.inbound import Answered, Threw
from hookline.services.inbound.receive import Accepted
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.unit.inbound.flaky import INVOKE


def test_a_message_given_up_before_it_was_matched_keeps_no_credentials() -> None:
    stack = Stack()
    by_token = {"type": "token", "header": "X-Hook", "token": "t0ken-of-theirs"}
    stack.a_provider(verify=by_token, match={"function_arn": LAMBDA_ARN})
    headers = {"authorization": "Basic dTpzM2NyZXQ=", "x-hook": "t0ken-of-theirs", "x-plain": "1"}
    accepted = stack.receive(a_call(headers=headers))
    assert isinstance(accepted, Accepted)
    stack.answers[LAMBDA_ARN] = _unavailable
    for _ in range(MAX_TRIES):
        stack.work(accepted.message_id)
        stack.later(timedelta(hours=1))
    message = stack.message(accepted.message_id)
    assert (message.status, message.outcome) == (Progress.FAILED, None)
    assert message.call.headers == {"authorization": "*****", "x-hook": "*****", "x-plain": "1"}


def test_what_users_functions_tell_of_secrets_is_masked_in_their_results() -> None:
    told: list[Answered | Threw] = [
        Answered({"message": "with hunter22", "log": "{'key': 'hunter22'}"}, ""),
        Threw("no such key: hunter22", "hunter22 in a traceback"),
    ]
    for said in told:
        stack = Stack(answers={LAMBDA_ARN: _saying(said)})
        stack.a_function(stack.a_provider(properties={"key": "hunter22"}), action=INVOKE)
        (execution,) = stack.received(a_call()).executions
        assert "hunter22" not in execution.message + execution.logs
        assert "*****" in execution.message
        assert "*****" in execution.logs


@given(begins_at=st.integers(1, 60), secret=st.text(min_size=8, max_size=60))
@example(begins_at=3, secret="s3cret-of-theirs")
@example(begins_at=2, secret='two\n"lines" & more')
@example(begins_at=16, secret="000000000000000\x07000&")
def test_the_end_of_a_log_that_begins_inside_of_a_secret_tells_nothing_of_it(
    begins_at: int, secret: str
) -> None:
    for form in as_shown([secret]):
        log = f"{form} was the key"[begins_at:]
        stack = Stack(answers={LAMBDA_ARN: _saying(Threw("failed", log))})
        stack.a_function(stack.a_provider(properties={"key": secret}), action=INVOKE)
        (execution,) = stack.received(a_call()).executions
        shown = execution.logs.removesuffix(" was the key")
        assert shown == MASK or len(shown) < 4 or begins_at >= len(form)


def test_what_a_match_function_tells_of_a_calls_credentials_is_masked_in_the_reason() -> None:
    said = Answered({"match": False, "log": "dTpzM2NyZXQ= is u with s3cret, and t0ken-1"}, "")
    stack = Stack(answers={LAMBDA_ARN: _saying(said)})
    stack.a_provider(match={"function_arn": LAMBDA_ARN})
    headers = {"authorization": "Basic dTpzM2NyZXQ="}
    message = stack.received(a_call(headers=headers, query={"token": ("t0ken-1",)}))
    (passed,) = message.passed_over
    assert passed.reason == "the match function said no: ***** is u with *****, and *****"


_CREDENTIALS = st.text() | st.text().map("Basic {}".format) | st.text().map("Bearer {}".format)


@given(credentials=_CREDENTIALS)
@example(credentials="Basic é")
@example(credentials="Basic YQ")
def test_no_credentials_whatever_they_are_keep_a_message_from_the_next_provider(
    credentials: str,
) -> None:
    stack = Stack()
    passed_over = [
        stack.a_provider(name="fails", match={"expression": "abs('x')"}),
        stack.a_provider(
            name="by name", verify={"type": "basic", "username": "u", "password": "p4ssw0rd"}
        ),
    ]
    anybody = stack.a_provider(name="anybody")
    message = stack.received(a_call(headers={"authorization": credentials, "cookie": credentials}))
    assert message.provider_id == anybody
    assert [each.provider_id for each in message.passed_over] == passed_over


def _saying(said: Answered | Threw) -> Callable[[Mapping[str, object]], Answered | Threw]:
    return lambda _: said


def _unavailable(_: Mapping[str, object]) -> Answered | Threw:
    raise Unavailable("Invoke: ServiceException")
