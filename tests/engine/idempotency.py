"""Answers to requests with an Idempotency-Key in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.ports.requests import (
    Fresh,
    IdempotentRequest,
    InProgress,
    Mismatch,
    Replay,
    StoredAnswer,
)

_KEPT = timedelta(hours=24)


@dataclass(slots=True)
class _Record:
    digest: str
    holder: str
    begun_at: datetime
    leased_until: datetime
    answer: StoredAnswer | None = None


class InMemoryIdempotencyRecords:
    """`IdempotencyRecords`."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str, str], _Record] = {}
        self._holders = 0

    def begin(
        self, request: IdempotentRequest, now: datetime, lease: timedelta
    ) -> Fresh | Replay | Mismatch | InProgress:
        standing = self._records.get(_name(request))
        if standing is not None and standing.begun_at + _KEPT >= now:
            if standing.digest != request.digest:
                return Mismatch()
            if standing.answer is not None:
                return Replay(standing.answer)
            if standing.leased_until > now:
                return InProgress()
        self._holders += 1
        holder = f"holder-{self._holders}"
        self._records[_name(request)] = _Record(request.digest, holder, now, now + lease)
        return Fresh(holder)

    def finish(self, request: IdempotentRequest, holder: str, answer: StoredAnswer) -> None:
        standing = self._records.get(_name(request))
        if standing is not None and standing.holder == holder:
            standing.answer = answer

    def give_up(self, request: IdempotentRequest, holder: str) -> None:
        standing = self._records.get(_name(request))
        if standing is not None and standing.holder == holder and standing.answer is None:
            del self._records[_name(request)]


def _name(request: IdempotentRequest) -> tuple[str, str, str]:
    return request.principal, request.target, request.key
