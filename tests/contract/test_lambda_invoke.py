"""Invocations of users' functions, against botocore's own stub of Lambda."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.lambda_invoke import LambdaInvocations
from hookline.errors import Unavailable
from hookline.ports.inbound import Answered, Threw
from tests.inbound_builders import LAMBDA_ARN

PAYLOAD = {"message": {"id": "msg_1"}, "properties": {"ü": 1}}


class Lambda:
    """The adapter, and what Lambda is to answer."""

    def __init__(self) -> None:
        client = Clients().lambdas(timedelta(seconds=1))
        self.client = client
        self.stub = Stubber(client)
        self.invocations = LambdaInvocations(client, frozenset({LAMBDA_ARN}))

    def answers(self, payload: bytes, **reply: object) -> None:
        body = StreamingBody(io.BytesIO(payload), len(payload))
        expected = {
            "FunctionName": LAMBDA_ARN,
            "InvocationType": "RequestResponse",
            "LogType": "Tail",
            "Payload": ANY,
        }
        self.stub.add_response("invoke", {"StatusCode": 200, "Payload": body, **reply}, expected)

    def invoke(self) -> Answered | Threw:
        return self.invocations.invoke(LAMBDA_ARN, PAYLOAD)


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made = Lambda()
    with made.stub:
        yield made


def test_an_answer_comes_with_the_end_of_its_log(function: Lambda) -> None:
    log = base64.b64encode(b"START\nREPORT").decode()
    function.answers(b'{"message":"done"}', LogResult=log)
    assert function.invoke() == Answered({"message": "done"}, "START\nREPORT")


def test_a_log_that_begins_inside_of_a_character_begins_with_the_next_one(function: Lambda) -> None:
    log = base64.b64encode("é and more".encode()[1:]).decode()
    function.answers(b"{}", LogResult=log)
    assert function.invoke() == Answered({}, " and more")


def test_a_function_may_answer_nothing(function: Lambda) -> None:
    function.answers(b"")
    assert function.invoke() == Answered(None, "")


def test_an_error_of_the_function_is_told_in_its_own_words(function: Lambda) -> None:
    error = {"errorMessage": "no such branch", "errorType": "ValueError"}
    function.answers(json.dumps(error).encode(), FunctionError="Unhandled")
    assert function.invoke() == Threw("no such branch", "")
    function.answers(b"null", FunctionError="Unhandled")
    assert function.invoke() == Threw("the function failed", "")


@pytest.mark.parametrize("payload", [b"{", b"NaN", b"\xff", b'"' + b"x" * 262_144 + b'"'])
def test_an_answer_that_cannot_be_read_is_the_functions_fault(
    function: Lambda, payload: bytes
) -> None:
    function.answers(payload)
    result = function.invoke()
    assert isinstance(result, Threw)
    assert result.message.startswith("the function's answer is")


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_what_the_owner_has_to_mend_is_told(function: Lambda, code: str) -> None:
    function.stub.add_client_error("invoke", code)
    assert function.invoke() == Threw(f"the function cannot be invoked: {code}", "")


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ServiceException"])
def test_what_aws_has_to_mend_is_unavailable(function: Lambda, code: str) -> None:
    function.stub.add_client_error("invoke", code)
    with pytest.raises(Unavailable, match=code):
        function.invoke()


def test_a_function_that_does_not_answer_in_time_has_failed_and_is_not_asked_twice(
    function: Lambda,
) -> None:
    asked = []

    def never_answer(**_: Any) -> None:
        asked.append(1)
        raise ReadTimeoutError(endpoint_url="lambda")

    function.stub.deactivate()
    function.client.meta.events.register_first("before-send.lambda.Invoke", never_answer)
    assert function.invoke() == Threw("the function did not answer in time", "")
    assert len(asked) == 1


def test_a_function_that_the_stack_does_not_name_is_never_called(function: Lambda) -> None:
    result = function.invocations.invoke(LAMBDA_ARN + "-other", PAYLOAD)
    assert result == Threw("the stack does not allow this Lambda function", "")


def test_a_message_larger_than_lambda_takes_is_not_sent_and_says_so(function: Lambda) -> None:
    message = {"message": {"payload": "x" * (6 * 1024 * 1024)}}
    threw = function.invocations.invoke(LAMBDA_ARN, message)
    assert isinstance(threw, Threw)
    assert "more than Lambda takes" in threw.message
