"""What every function does with a batch of a queue or stream, apart from the work itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.adapters.telemetry import Metric, Metrics
from hookline.errors import PoisonMessage, Unavailable

if TYPE_CHECKING:
    from hookline.ports.sending import DeadLetters

type Record = Mapping[str, Any]
"""A message or a stream's record as Lambda hands it over."""


class Intake[Parsed]:
    """Parses, sets poison aside, has the work done, reports what failed.

    ``parse`` raises PoisonMessage for a record that no retry can read, and returns None for one
    that needs no work. A record that is not known to be done is reported as failed.
    """

    def __init__(
        self,
        parse: Callable[[Record], Parsed | None],
        *,
        dead_letters: DeadLetters,
        logger: logging.Logger,
        metrics: Metrics,
    ) -> None:
        self._parse = parse
        self._dead_letters = dead_letters
        self._logger = logger
        self._metrics = metrics

    def __call__(
        self, records: Sequence[Record], work: Callable[[Mapping[str, Parsed]], Iterable[str]]
    ) -> list[str]:
        """The names of the records that failed, in order.

        ``work`` gets the parsed records by name, and yields the names of those that are done.
        """
        left = dict.fromkeys(map(name_of, records))
        parsed, settled = self.read(records)
        for names in (settled, work(parsed)):
            for name in names:
                left.pop(name, None)
        self._metrics.flush()
        return list(left)

    def read(self, records: Iterable[Record]) -> tuple[dict[str, Parsed], list[str]]:
        """The parsed records by name, and the names of those that need no work."""
        parsed: dict[str, Parsed] = {}
        settled: list[str] = []
        for record in records:
            name = name_of(record)
            try:
                found = self._parse(record)
            except PoisonMessage as poison:
                if self.set_aside(record, poison.reason):
                    settled.append(name)
            else:
                if found is None:
                    settled.append(name)
                else:
                    parsed[name] = found
        return parsed, settled

    def set_aside(self, record: Record, reason: str) -> bool:
        """Whether the record is a dead letter now, and so need not come again."""
        text = record["body"] if "body" in record else json.dumps(record, default=str)
        fields = {"reason": reason, "record": name_of(record)}
        try:
            self._dead_letters.set_aside(str(text), reason)
        except Unavailable as error:
            self._metrics.add(Metric.WORK_FAILED, outcome="unavailable")
            self._logger.warning("record.not_set_aside", extra={**fields, "error": str(error)})
            return False
        self._metrics.add(Metric.POISON)
        self._logger.error("record.set_aside", extra=fields)
        return True


def name_of(record: Record) -> str:
    """How Lambda identifies a record that failed."""
    name = record["messageId"] if "messageId" in record else record["dynamodb"]["SequenceNumber"]
    return str(name)
