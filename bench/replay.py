"""AWS stubbed at the HTTP layer: what moto answered once is answered again, without its cost.

botocore still builds, signs and parses every call; only the wire is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

type Call = tuple[str, bytes]
"""Service and operation, and the request's body."""

ALWAYS = {
    "dynamodb.PutItem": b"{}",
    "dynamodb.UpdateItem": b"{}",
    "dynamodb.BatchWriteItem": b'{"UnprocessedItems":{}}',
    "sqs.SendMessageBatch": b'{"Successful":[],"Failed":[]}',
    "sqs.ReceiveMessage": b"{}",
    "sqs.ChangeMessageVisibilityBatch": b'{"Successful":[],"Failed":[]}',
}
"""What AWS says whatever is asked of it."""


@dataclass(slots=True)
class Answers:
    """The bodies of AWS's answers, by call."""

    of: dict[Call, bytes] = field(default_factory=dict)

    def record(self) -> None:
        """Keeps the answers to all calls of clients made from here on."""
        botocore.handlers.BUILTIN_HANDLERS.append(("before-call", self._asked))
        botocore.handlers.BUILTIN_HANDLERS.append(("after-call", self._answered))

    def replay(self) -> None:
        """Gives the kept answers to all clients made from here on."""
        botocore.handlers.BUILTIN_HANDLERS.append(("before-send", self._answer))

    def _asked(self, model: Any, params: Any, context: Any, **_: Any) -> None:
        service = str(model.service_model.service_id.hyphenize())
        context["bench"] = f"{service}.{model.name}", params["body"]

    def _answered(self, http_response: Any, context: Any, **_: Any) -> None:
        name, body = context["bench"]
        if name not in ALWAYS:
            content = body if isinstance(body, bytes) else str(body).encode()
            self.of[name, content] = http_response.content

    def _answer(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        name = event_name.removeprefix("before-send.")
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        answer = ALWAYS.get(name)
        if answer is None:
            answer = self.of[name, body]
        return _StubbedResponse(request.url, answer)


class _StubbedResponse(AWSResponse):
    """An answer that came without a wire."""

    def __init__(self, url: str, body: bytes) -> None:
        super().__init__(url, 200, {"content-type": "application/x-amz-json-1.0"}, None)  # type: ignore[arg-type]  # there is nothing to read from
        self._body = body

    @property
    def content(self) -> bytes:
        """All of it."""
        return self._body
