"""Reads what messages are about; what cannot be read holds up nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.delivery.deciding import Snapshot
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.sending import Snapshots, Unread
from hookline.services.delivery.delivery_messages import (
    Handled,
    LeaveIt,
    Received,
    come_back,
)

_AGAIN_AFTER = timedelta(seconds=5)
"""When a message is looked at again whose items a throttled table left out."""


@dataclass(frozen=True, slots=True)
class Found:
    """``work``: each message with what stands. ``apart``: messages to be read by themselves."""

    work: Sequence[tuple[Received, Snapshot]] = ()
    handled: Sequence[Handled] = ()
    apart: Sequence[Sequence[Received]] = ()


class Reading:
    """One read for many messages. Safe to share between threads."""

    def __init__(self, snapshots: Snapshots, clock: Clock) -> None:
        self._snapshots = snapshots
        self._clock = clock

    def again(self, message: Received) -> Snapshot:
        """What stands now. Raises Unavailable."""
        (found,) = self._snapshots.load([message.task])
        if isinstance(found, Unread):
            raise Unavailable("throttled")
        return found

    def __call__(self, messages: Sequence[Received]) -> Found:
        """Where all cannot be read together, whose fault it is shows when they are read apart."""
        try:
            found = self._snapshots.load([message.task for message in messages])
        except Unavailable as error:
            alone = _by_webhook(messages)
            if len(alone) > 1:
                return Found(apart=alone)
            return Found(
                handled=[Handled(one, "unavailable", LeaveIt(), str(error)) for one in messages]
            )
        except Exception as error:  # noqa: BLE001 - one broken item must not stop its batch
            if len(messages) > 1:
                return Found(apart=[[message] for message in messages])
            broken = Handled(messages[0], "broken", LeaveIt(), repr(error), error=error)
            return Found(handled=[broken])
        pairs = list(zip(messages, found, strict=True))
        soon = self._clock() + _AGAIN_AFTER
        return Found(
            work=[(message, one) for message, one in pairs if isinstance(one, Snapshot)],
            handled=[_unread(message, soon) for message, one in pairs if isinstance(one, Unread)],
        )


def _by_webhook(messages: Sequence[Received]) -> Sequence[Sequence[Received]]:
    groups: dict[object, list[Received]] = {}
    for message in messages:
        key = message.task.key
        groups.setdefault((key.tenant, key.webhook_id), []).append(message)
    return list(groups.values())


def _unread(message: Received, due: datetime) -> Handled:
    return Handled(message, "unread", come_back(message, message.task, due), "throttled")
