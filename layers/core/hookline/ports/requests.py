"""Stored answers to repeated requests, and quotas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hookline.domain.ids import PrincipalId


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A POST with an Idempotency-Key: whose, where to (``POST /v1/…``), and what its body is.

    ``digest`` stands for the body: the same key with another one is a mistake of the caller's.
    """

    principal: PrincipalId
    target: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer to give again. It is stored as it is: its maker leaves out secrets."""

    status: int
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fresh:
    """The request is the caller's to answer; ``holder`` names that right until its lease ends."""

    holder: str


@dataclass(frozen=True, slots=True)
class Replay:
    """The request was answered before."""

    answer: StoredAnswer


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The key was used for another body."""


@dataclass(frozen=True, slots=True)
class InProgress:
    """Somebody is answering it now."""


class IdempotencyRecords(Protocol):
    """The answers to requests with an Idempotency-Key, for 24 hours from their beginning."""

    def begin(
        self, request: IdempotentRequest, now: datetime, lease: timedelta
    ) -> Fresh | Replay | Mismatch | InProgress:
        """Takes the request up, unless it was answered or is being, in one conditional write.

        One that was neither answered nor given up is Fresh again after its lease.
        """
        ...

    def finish(self, request: IdempotentRequest, holder: str, answer: StoredAnswer) -> None:
        """Stores the answer, unless the request has gone to another holder."""
        ...

    def give_up(self, request: IdempotentRequest, holder: str) -> None:
        """Lets the request be taken up again at once, unless it has gone to another holder."""
        ...


class Allotments(Protocol):
    """Counts, across all processes, what each tenant was granted within a window of time."""

    def draw(self, counter: str, amount: int, limit: int, expires_at: datetime) -> bool:
        """Adds ``amount`` in one write; False, and nothing added, if that passes ``limit``.

        A lost reply may count an amount twice: the quota is then stricter for one window.
        """
        ...
