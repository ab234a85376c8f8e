"""Accepts many events with one request: each is accepted or refused by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from hookline.domain.ids import TenantId
from hookline.errors import FieldError, HooklineError, Rejected
from hookline.ports import Concurrently
from hookline.services.event.publish import Accepted, Publish

type _Numbered = Sequence[tuple[int, object]]
"""Events to be published one after the other, each with its place in the batch."""


class PublishBatch:
    """Publishes side by side, as each event is a write of its own; one id's in their order."""

    def __init__(self, *, publish: Publish, concurrently: Concurrently) -> None:
        self._publish = publish
        self._concurrently = concurrently

    def __call__(
        self, tenant: TenantId, events: Sequence[object], *, traceparent: str | None = None
    ) -> Sequence[Accepted | HooklineError]:
        """What became of each JSON value, in order. Of several with one id the first counts."""

        def publish(numbered: _Numbered) -> Sequence[tuple[int, Accepted | HooklineError]]:
            return [(n, self._result(tenant, event, traceparent)) for n, event in numbered]

        results = dict(chain.from_iterable(self._concurrently(publish, _apart(events))))
        return [results[number] for number in range(len(events))]

    def _result(
        self, tenant: TenantId, event: object, traceparent: str | None
    ) -> Accepted | HooklineError:
        if not isinstance(event, dict):
            return Rejected([FieldError("", "the event must be a JSON object")])
        try:
            return self._publish(tenant, event, traceparent=traceparent)
        except HooklineError as error:
            return error


def _apart(events: Sequence[object]) -> Sequence[_Numbered]:
    """Those of one id together, all others alone."""
    groups: dict[object, list[tuple[int, object]]] = {}
    for number, event in enumerate(events):
        named = event.get("id") if isinstance(event, dict) else None
        groups.setdefault(named if isinstance(named, str) else number, []).append((number, event))
    return list(groups.values())
