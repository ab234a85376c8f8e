"""What the scheduler reads and writes of deliveries that wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, DeliveryTask
from hookline.domain.delivery.tasks import task_of
from hookline.errors import Unavailable
from hookline.ports import Concurrently
from hookline.ports.deliveries import Deliveries, DeliveryChanges, Due, Replaced
from hookline.ports.sending import RetryTimers


@dataclass(frozen=True, slots=True)
class Change:
    """A delivery before and after, and how long until its message is sent; None for no message."""

    before: Delivery
    after: Delivery
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A change that DynamoDB did not take."""

    key: DeliveryKey
    error: Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDeliveries:
    """The index of waiting deliveries, the deliveries, and the messages that attempt them."""

    due: Due
    deliveries: Deliveries
    changes: DeliveryChanges
    timers: RetryTimers
    concurrently: Concurrently

    def read(self, keys: Sequence[DeliveryKey]) -> Sequence[Delivery]:
        """Those that exist and can be read, in the order asked: the index may lag behind them."""
        found = self.deliveries.get_many(keys) if keys else {}
        return [found[key] for key in keys if key in found]

    def read_some(self, keys: Sequence[DeliveryKey]) -> Sequence[Delivery]:
        """As `read`, without those of a throttled log."""
        found = self.deliveries.get_some(keys) if keys else {}
        return [found[key] for key in keys if key in found]

    def put(self, changes: Iterable[Change], *, admitted: bool = False) -> int:
        """Writes each, then sends messages for those that nobody else had changed meanwhile.

        After a crash in between the scheduler finds them. Returns how many were written; raises
        Unavailable, but only after the messages of those that were written are sent.
        """
        count, refused = self.put_some(changes, admitted=admitted)
        if refused:
            raise refused[0].error
        return count

    def put_some(
        self, changes: Iterable[Change], *, admitted: bool = False
    ) -> tuple[int, Sequence[Refused]]:
        """As `put`, of many webhooks: one whose log is throttled must not stop the others.

        Raises Unavailable where messages could not be sent.
        """
        done = list(self.concurrently(self._put, changes))
        won = [change for change in done if isinstance(change, Change)]
        sends: list[tuple[DeliveryTask, timedelta]] = [
            (task_of(change.after, admitted=admitted), change.wait)
            for change in won
            if change.wait is not None
        ]
        if sends:
            self.timers.send(sends)
        return len(won), [each for each in done if isinstance(each, Refused)]

    def _put(self, change: Change) -> Change | Refused | None:
        try:
            result = self.changes.replace(change.before, change.after)
        except Unavailable as error:
            return Refused(change.before.key, error)
        return change if isinstance(result, Replaced) else None
