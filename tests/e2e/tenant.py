"""A tenant of a test's own on the deployed stack, its webhooks, and what became of its events."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

from hookline.domain.times import from_iso
from tests.e2e.api import Api
from tests.e2e.receiver import Arrival, Receiver
from tests.e2e.stack import Stack
from tests.e2e.waiting import PATIENCE_SECONDS, eventually

_ENDED = {"success", "failed", "cancelled"}


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook to a path of the receiver that no other webhook calls.

    ``made`` is what its creation answered, with the secret in clear.
    """

    api: Api
    receiver: Receiver
    path: str
    made: dict[str, Any]

    @property
    def id(self) -> str:
        """The webhook's id."""
        return str(self.made["id"])

    @property
    def secret(self) -> str:
        """What it was created to sign with."""
        return str(self.made["secret"])

    @property
    def at(self) -> str:
        """Its path in the API, under the tenant."""
        return f"/webhooks/{self.id}"

    def patch(self, **fields: object) -> dict[str, Any]:
        """Edits it; answers with it as it is then."""
        edited: dict[str, Any] = self.api.patch(self.at, fields)
        return edited

    def arrivals(self, event_id: str | None = None) -> list[Arrival]:
        """What arrived up to now, oldest first; of one event where it is given."""
        found = self.receiver.arrivals(self.path)
        return [one for one in found if event_id is None or one.event_id == event_id]

    def arrives(self, event_id: str, times: int = 1) -> Arrival:
        """The last call of so many about an event; there must not be more."""
        found = eventually(
            lambda: self._once_there(event_id, times), f"call {times} of {event_id} to {self.path}"
        )
        assert len(found) == times, f"{len(found)} calls instead of {times}"
        return found[-1]

    def _once_there(self, event_id: str, times: int) -> list[Arrival]:
        found = self.arrivals(event_id)
        return found if len(found) >= times else []

    def log(self, **query: object) -> list[dict[str, Any]]:
        """A page of its deliveries, newest first."""
        items: list[dict[str, Any]] = self.api.get(f"{self.at}/deliveries", **query)["items"]
        return items

    def delivery(self, event_id: str) -> dict[str, Any] | None:
        """The delivery of an event with its attempts, as it stands now."""
        for item in self.log(limit=100):
            if item["event_id"] == event_id:
                found: dict[str, Any] = self.api.get(f"{self.at}/deliveries/{item['id']}")
                return found
        return None

    def delivered(
        self,
        event_id: str,
        status: str = "success",
        attempts: int = 0,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> dict[str, Any]:
        """The delivery once it has a status, after at least so many attempts.

        Raises AssertionError as soon as it has ended otherwise.
        """

        def look() -> dict[str, Any] | None:
            found = self.delivery(event_id)
            if found is None:
                return None
            if found["status"] == status:
                return found if found["attempt_count"] >= attempts else None
            assert found["status"] not in _ENDED, f"it has ended: {found}"
            return None

        what = f"delivery of {event_id} as {status} after {attempts}"
        found = eventually(look, what, patience_seconds)
        assert found is not None
        return found

    def act(self, event_id: str, action: str) -> dict[str, Any]:
        """Retries or cancels the delivery of an event."""
        delivery = self.delivery(event_id)
        assert delivery is not None
        after: dict[str, Any] = self.api.post(f"{self.at}/deliveries/{delivery['id']}/{action}")
        return after


class Tenant:
    """One tenant, called with the root key."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.name = f"t{uuid4().hex[:12]}"
        self.api = Api(stack.api, self.name, stack.root_key)
        self.receiver = Receiver(stack.receiver)
        self.api.post("/v1/tenants", {"id": self.name})
        self._numbers = count(1)

    def close(self) -> None:
        """Deletes its webhooks, which ends every delivery that is still open."""
        while items := self.api.get("/webhooks", limit=100)["items"]:
            for item in items:
                self.api.delete(f"/webhooks/{item['id']}")

    def path(self, behaviour: str = "") -> str:
        """A path that nobody else uses; ``behaviour`` such as `/fail/2` is what it begins with."""
        return f"{behaviour}/{self.name}/{next(self._numbers)}"

    def hook(
        self, behaviour: str = "", *, suffix: str = "", api: Api | None = None, **fields: object
    ) -> Hook:
        """A new webhook, for all events unless ``fields`` say otherwise.

        Its path at the receiver begins with ``behaviour`` and ends in ``suffix``.
        """
        path = self.path(behaviour) + suffix
        caller = api or self.api
        given = {
            "name": path,
            "url": self.receiver.base + path,
            "events": ["*"],
            "retry": {"initial_delay_seconds": 1, "multiplier": 2},
        }
        made = caller.post("/webhooks", given | fields)
        return Hook(caller, self.receiver, path, made)

    def publish(self, event: dict[str, Any] | None = None, **fields: object) -> str:
        """Publishes one event; answers with its id."""
        accepted = self.api.post("/events", {"type": "thing.happened"} | (event or {}) | fields)
        return str(accepted["id"])

    def went_to(self, event_id: str, patience_seconds: float = PATIENCE_SECONDS) -> set[str]:
        """The ids of the webhooks that an event was for, once it is fanned out."""

        def look() -> list[dict[str, Any]]:
            items = self.api.get("/events", limit=100)["items"]
            return [item for item in items if item["id"] == event_id]

        (record,) = eventually(look, f"fan-out of {event_id}", patience_seconds)
        wanted: int = record["matched_webhooks"]
        found: set[str] = set()

        def all_there() -> bool:
            items = self.api.get(f"/events/{event_id}/deliveries", limit=100)["items"]
            found.update(item["webhook_id"] for item in items)
            return len(found) >= wanted

        eventually(all_there, f"{wanted} deliveries of {event_id}", patience_seconds)
        return found

    def principal(self, **fields: object) -> tuple[str, Api]:
        """Somebody new: their id, and the API as they call it."""
        made = self.api.post("/principals", {"name": f"someone {next(self._numbers)}"} | fields)
        key = self.api.post(f"/principals/{made['id']}/keys")["key"]
        return str(made["id"]), self.api.with_key(key)


def planned_waits(delivery: dict[str, Any]) -> list[float]:
    """Seconds from each attempt's end to the time its log names for the next one."""
    return [
        (from_iso(attempt["next_attempt_at"]) - from_iso(attempt["started_at"])).total_seconds()
        - attempt["duration_ms"] / 1_000
        for attempt in delivery["attempts"]
        if attempt["next_attempt_at"] is not None
    ]
