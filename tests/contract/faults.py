"""A client's calls counted, and faults of AWS injected into them, by botocore's own events.

Only for clients of a test's own: what is registered stays.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from tests.worlds import dynamodb_local

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.client import BaseClient

_URL = "https://aws.invalid"


class Watched:
    """``calls`` counts requests by operation, botocore's own repeats included.

    ``never_sent`` and ``reply_lost`` hold, by operation, how many of the next requests fail before
    AWS takes them, or after; ``refused`` holds the code that every request is refused with.
    ``partly`` holds how many entries of a batch each of the next requests gets done.
    """

    def __init__(self, client: BaseClient) -> None:
        self.calls: Counter[str] = Counter()
        self.never_sent: Counter[str] = Counter()
        self.reply_lost: Counter[str] = Counter()
        self.refused: dict[str, str] = {}
        self.partly: dict[str, list[int]] = {}
        self._left_over: list[Any] = []
        self._parameters: list[tuple[str, Mapping[str, Any]]] = []
        events = client.meta.events
        service = client.meta.service_model.service_id.hyphenize()
        events.register_first(f"before-call.{service}", self._before_call)
        events.register_first(f"before-send.{service}", self._before_send)
        # moto answers in between.
        events.register_last("before-send", self._after_send)
        events.register_first(f"needs-retry.{service}", self._retry_at_once)  # type: ignore[arg-type]  # what it returns counts
        events.register_last(f"after-call.{service}", self._after_call)

    def parameters(self, operation: str) -> list[Mapping[str, Any]]:
        """What each call of an operation was made with, in order."""
        return [given for name, given in self._parameters if name == operation]

    def forget(self) -> None:
        """Starts counting anew."""
        self.calls.clear()
        self._parameters.clear()

    def _before_call(self, params: dict[str, Any], model: Any, **_: object) -> None:
        parameters = json.loads(params["body"])
        self._parameters.append((model.name, parameters))
        if self.partly.get(model.name):
            keep = self.partly[model.name].pop(0)
            kept, self._left_over = _cut(parameters, keep)
            params["body"] = json.dumps(kept).encode()

    def _before_send(self, event_name: str, **_: object) -> None:
        operation = event_name.rpartition(".")[2]
        self.calls[operation] += 1
        if self.never_sent[operation]:
            self.never_sent[operation] -= 1
            raise EndpointConnectionError(endpoint_url=_URL)
        if operation in self.refused:
            error = {"Error": {"Code": self.refused[operation], "Message": "injected"}}
            raise ClientError(error, operation)  # type: ignore[arg-type]  # as little as is needed

    def _after_send(self, event_name: str, request: AWSPreparedRequest, **_: object) -> None:
        operation = event_name.rpartition(".")[2]
        if self.reply_lost[operation]:
            self.reply_lost[operation] -= 1
            if dynamodb_local.is_up():
                URLLib3Session().send(request)  # nobody has answered yet
            raise ReadTimeoutError(endpoint_url=_URL)

    def _retry_at_once(
        self, caught_exception: Exception | None, attempts: int, **_: object
    ) -> int | None:
        """No wait, where botocore itself would sleep for up to four seconds."""
        faults = EndpointConnectionError, ReadTimeoutError
        return 0 if isinstance(caught_exception, faults) and attempts < 4 else None

    def _after_call(self, parsed: dict[str, Any], model: Any, **_: object) -> None:
        if self._left_over:
            left_over, self._left_over = self._left_over, []
            parsed.update(_told(model.name, left_over))


def _cut(parameters: dict[str, Any], keep: int) -> tuple[dict[str, Any], list[Any]]:
    """A batch's parameters with its first entries only, and the entries left over.

    An empty batch cannot be sent: to keep none, one is done and told to be left over all the same.
    """
    some = max(keep, 1)
    if "Entries" in parameters:
        entries = parameters["Entries"]
        return {**parameters, "Entries": entries[:some]}, entries[keep:]
    ((table, requests),) = parameters["RequestItems"].items()
    if isinstance(requests, list):
        return {"RequestItems": {table: requests[:some]}}, [(table, requests[keep:])]
    keys = requests["Keys"]
    kept = {"RequestItems": {table: {**requests, "Keys": keys[:some]}}}
    return kept, [(table, {**requests, "Keys": keys[keep:]})]


def _told(operation: str, left_over: list[Any]) -> dict[str, Any]:
    """How AWS tells what it left over."""
    match operation:
        case "BatchWriteItem":
            return {"UnprocessedItems": dict(left_over)}
        case "BatchGetItem":
            return {"UnprocessedKeys": dict(left_over)}
    failed = [
        {"Id": entry["Id"], "SenderFault": False, "Code": "ServiceUnavailable"}
        for entry in left_over
    ]
    return {"Failed": failed}
