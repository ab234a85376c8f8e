"""Successes told together: one line with the ids for all of a tenant's in one invocation."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from hookline.domain.ids import TenantId

TOGETHER = "batch"
"""The setting ``success_log`` by which successes share a line; ``each`` has its own otherwise."""

_MOST = 500
"""Of one line: CloudWatch takes 256 KB, and five hundred pairs of ids are 40 KB."""


class Together[One]:
    """Gathers what one line is to tell of: ``fields_of`` makes that line's fields of several."""

    def __init__(
        self,
        message: str,
        fields_of: Callable[[Sequence[One]], Mapping[str, object]],
        logger: logging.Logger,
    ) -> None:
        self._message = message
        self._fields_of = fields_of
        self._logger = logger
        self._gathered: defaultdict[TenantId, list[One]] = defaultdict(list)

    def add(self, tenant: TenantId, one: One) -> None:
        """To be told when its invocation is over, or when there are many."""
        gathered = self._gathered[tenant]
        gathered.append(one)
        if len(gathered) >= _MOST:
            self._tell(tenant, self._gathered.pop(tenant))

    def flush(self) -> None:
        """Tells what was gathered since the last time: whatever became of the rest of its batch."""
        gathered, self._gathered = self._gathered, defaultdict(list)
        for tenant, some in gathered.items():
            self._tell(tenant, some)

    def _tell(self, tenant: TenantId, some: Sequence[One]) -> None:
        fields = {"tenant": tenant, "count": len(some), **self._fields_of(some)}
        self._logger.info(self._message, extra=fields)
