"""What GET /v1/health?deep=true looks at: all that the API and its deliveries stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from hookline import __version__
from hookline.domain.identity.rights import Action
from hookline.errors import FieldError, Unavailable, Unhealthy
from hookline_api.http.call import Authenticate, Authorize, Call
from hookline_api.http.replies import Reply, json_reply
from hookline_api.settings import ApiSettings

if TYPE_CHECKING:
    from hookline.adapters.stack_inbound import ApiStack

LONGEST_WAIT_SECONDS = 300
"""Of the oldest first attempt: from there on the alarm `delivery-queue-age` is on, too."""

LONGEST_STREAM_SECONDS = 3_600
"""Of fan-out behind its stream: as the alarm `iterator-age`."""

_QUEUES = 7
_SEALED = {"idempotency": "health"}
"""A context that the API's role may seal in, and that nothing is stored under."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one look found; ``stream_age`` in seconds, where it was for that and there is one."""

    fine: bool
    said: str
    stream_age: int | None = None


class DeepHealth:
    """Looks at each part by itself: one that does not answer keeps no other from being seen."""

    def __init__(
        self, *, authenticate: Authenticate, authorize: Authorize, stack: ApiStack
    ) -> None:
        self._authenticate = authenticate
        self._authorize = authorize
        self._stack = stack

    def __call__(self, call: Call) -> Reply:
        """For a global admin. Raises Unhealthy with all that is not fine."""
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
        return Found(not resting, f"not up: {_listed(resting)}" if resting else f"{len(names)} up")

    def _queues(self) -> Found:
        queues = self._stack.operations.queues()
        if len(queues) < _QUEUES:
            return Found(fine=False, said=f"{len(queues)} of {_QUEUES} are there")
        (first,) = (queue for queue in queues if queue.name.endswith(f"{self._stage}-deliveries"))
        waits = first.oldest_seconds or 0
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

    @property
    def _stage(self) -> str:
        return f"hookline-{self._stack.settings.stage}"


def _looked(look: Callable[[], Found]) -> Found:
    try:
        return look()
    except Unavailable as error:
        return Found(fine=False, said=f"no answer: {error}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
