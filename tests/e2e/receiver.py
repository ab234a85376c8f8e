"""The local stack's receiver as tests see it: what arrived, and how it is to behave."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from local.call import Call


@dataclass(frozen=True, slots=True)
class Arrival:
    """One call that arrived."""

    call: Call

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.call.body)

    @property
    def raw(self) -> bytes:
        """The body's bytes."""
        assert not self.call.body_is_base64
        return self.call.body.encode()

    @property
    def headers(self) -> dict[str, str]:
        """By lower-case name."""
        return self.call.headers

    @property
    def event_id(self) -> str:
        """What receivers deduplicate by."""
        return self.call.headers["webhook-id"]

    @property
    def at(self) -> datetime:
        """When it arrived."""
        return datetime.fromisoformat(self.call.received_at)


@dataclass(frozen=True, slots=True)
class Receiver:
    """The receiver at one address."""

    base: str

    def arrivals(self, path: str) -> list[Arrival]:
        """Everything that was ever sent to a path, oldest first."""
        answer = requests.get(f"{self.base}/_calls", params={"path": path}, timeout=30).json()
        return [Arrival(Call(**call)) for call in answer["calls"]]

    def behave(self, path: str, **behaviour: object) -> None:
        """Sets how a path answers from now on: the fields of `local.behaviours.Behaviour`."""
        answer = requests.put(f"{self.base}/_behaviours{path}", json=behaviour, timeout=30)
        assert answer.status_code == 204, answer.text
