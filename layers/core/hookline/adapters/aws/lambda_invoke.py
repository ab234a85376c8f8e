"""Invokes Lambda functions of users, of those that the stack's parameter allows and no other."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from hookline.adapters.aws.clients import code_of
from hookline.domain.documents.strict_json import InvalidJson, dumps, loads
from hookline.errors import Unavailable
from hookline.ports.inbound import Answered, Threw

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_LARGEST_ANSWER = 262_144
"""Bytes of an answer that are parsed; all that is read of it are two texts."""

_LARGEST_PAYLOAD = 6 * 1024 * 1024
"""Bytes (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

_OF_THE_FUNCTION = frozenset(
    {
        "AccessDeniedException",
        "InvalidRuntimeException",
        "KMSAccessDeniedException",
        "ResourceNotFoundException",
        "ResourceNotReadyException",
    }
)
"""What its owner has to mend; everything else is AWS's, and asked again."""


class LambdaInvocations:
    """The port `Invocations`."""

    def __init__(self, client: LambdaClient, allowed_functions: AbstractSet[str]) -> None:
        self._client = client
        self._allowed_functions = allowed_functions

    def invoke(self, function_arn: str, payload: Mapping[str, object]) -> Answered | Threw:
        """Invokes and waits; ``log`` is the last 4 KB, as Lambda hands them out."""
        if function_arn not in self._allowed_functions:
            return Threw("the stack does not allow this Lambda function", "")
        body = dumps(payload).encode()
        if len(body) > _LARGEST_PAYLOAD:
            return Threw(f"the message has {len(body)} bytes, more than Lambda takes", "")
        try:
            reply = self._client.invoke(
                FunctionName=function_arn,
                InvocationType="RequestResponse",
                LogType="Tail",
                Payload=body,
            )
            text = reply["Payload"].read(_LARGEST_ANSWER + 1)
        except ReadTimeoutError:
            return Threw("the function did not answer in time", "")
        except ClientError as error:
            if code_of(error) in _OF_THE_FUNCTION:
                return Threw(f"the function cannot be invoked: {code_of(error)}", "")
            raise Unavailable(f"Invoke: {code_of(error)}") from error
        except BotoCoreError as error:
            raise Unavailable(f"Invoke: {type(error).__name__}") from error
        tail = base64.b64decode(reply.get("LogResult", "")).decode(errors="replace")
        log = tail.lstrip("\ufffd")  # it may begin inside of a character
        return _result(text, log, failed="FunctionError" in reply)


def _result(text: bytes, log: str, *, failed: bool) -> Answered | Threw:
    if len(text) > _LARGEST_ANSWER:
        return Threw(f"the function's answer is larger than {_LARGEST_ANSWER} bytes", log)
    try:
        answer: Any = loads(text) if text else None
    except InvalidJson as error:
        return Threw(f"the function's answer is not JSON: {error.detail}", log)
    if not failed:
        return Answered(answer, log)
    reason = answer.get("errorMessage") if isinstance(answer, dict) else None
    return Threw(reason if isinstance(reason, str) and reason else "the function failed", log)
