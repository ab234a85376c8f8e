"""What GET /v1/health?deep=true checks: everything that the API and its deliveries need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from hookline import __version__
from hookline.domain.identity.acts import Action
from hookline.errors import FieldError, Unavailable, Unhealthy
from hookline_api.http.call import Authenticate, Authorize, Call, Reply, json_reply
from hookline_api.settings import ApiSettings

if TYPE_CHECKING:
    from hookline.adapters.stack_inbound import ApiStack

LONGEST_WAIT_SECONDS = 300
"""The age of the oldest first attempt at which the alarm `delivery-queue-age` also fires."""

LONGEST_STREAM_SECONDS = 3_600
"""How far fan-out may be behind its stream, as in the alarm `iterator-age`."""

QUEUES = (
    *("deliveries", "retries", "fan-outs", "inbound"),
    *("dead-letters", "stream-dead-letters", "inbound-dead-letters"),
)
"""Every queue of the stack, by its name behind the stack's own."""

_SEALED = {"idempotency": "health"}
"""A context in which the API's role may seal, and under which nothing is stored."""


@dataclass(frozen=True, slots=True)
class Found:
    """The result of one check; ``stream_age`` in seconds, for the check of the stream."""

    fine: bool
    said: str
    stream_age: int | None = None


class DeepHealth:
    """Checks each part by itself: one that does not answer does not hide the others."""

    def __init__(
        self, *, authenticate: Authenticate, authorize: Authorize, stack: ApiStack
    ) -> None:
        self._authenticate = authenticate
        self._authorize = authorize
        self._stack = stack

    def __call__(self, call: Call) -> Reply:
        """For a global admin. Raises Unhealthy with everything that is not well."""
        call.caller = self._authenticate(call.headers.get("authorization"))
        self._authorize(call.caller, None, Action.READ_OPERATIONS)
        looks = {
            "tables": self._tables,
            "queues": self._queues,
            "key": self._key,
            "stream": self._stream,
        }
        found = {name: _looked(look) for name, look in looks.items()}
        failing = [FieldError(name, each.said) for name, each in found.items() if not each.fine]
        if failing:
            raise Unhealthy(failing)
        checks = [{"name": name, "detail": each.said} for name, each in found.items()]
        return json_reply(
            {
                "status": "ok",
                "version": __version__,
                "checks": checks,
                "stream_age_seconds": found["stream"].stream_age,
            }
        )

    def _tables(self) -> Found:
        names = [
            getattr(self._stack.settings, field.name)
            for field in fields(ApiSettings)
            if field.name.endswith("_table")
        ]
        resting = [name for name in names if not self._stack.operations.table_is_up(name)]
        return Found(
            not resting, f"not up: {', '.join(resting)}" if resting else f"{len(names)} up"
        )

    def _queues(self) -> Found:
        prefix = f"hookline-{self._stack.settings.stage}-"
        queues = {queue.name: queue for queue in self._stack.operations.queues()}
        missing = [name for name in QUEUES if prefix + name not in queues]
        if missing:
            return Found(fine=False, said=f"not there: {', '.join(missing)}")
        waits = queues[f"{prefix}deliveries"].oldest_seconds or 0
        return Found(waits < LONGEST_WAIT_SECONDS, f"the oldest first attempt waits {waits} s")

    def _key(self) -> Found:
        sealed = self._stack.sealer.seal("health", _SEALED)
        opened = self._stack.sealer.open(sealed, _SEALED)
        return Found(opened == "health", "seals and opens")

    def _stream(self) -> Found:
        age = self._stack.operations.stream_age()
        if age is None:
            return Found(fine=True, said="fan-out had nothing to do")
        return Found(age < LONGEST_STREAM_SECONDS, f"fan-out is {age} s behind", age)


def _looked(look: Callable[[], Found]) -> Found:
    try:
        return look()
    except Unavailable as error:
        return Found(fine=False, said=f"no answer: {error}")
