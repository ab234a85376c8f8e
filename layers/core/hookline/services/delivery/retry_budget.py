"""How much of the retry queue one process may fill: the rest is parked in DynamoDB."""

from __future__ import annotations

import heapq
from collections import Counter
from datetime import datetime, timedelta
from threading import Lock

from hookline.domain.ids import WebhookId

IN_FLIGHT_CAP = 120_000
"""Messages hidden in or received from a standard queue; beyond it a queue stops silently.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

_SHARE_OF_CAP = 5
"""All processes together hide at most a fifth of the cap, whatever fails."""

_SHARE_OF_TOTAL = 3
"""A single webhook hides at most a third of that."""


class RetryBudget:
    """Counts this process's waits in the retry queue. Safe to share between threads.

    It does not know of other processes, and so costs no write: each may fill its own share.
    """

    def __init__(self, *, ceiling: timedelta, per_webhook: int, total: int) -> None:
        self._ceiling = ceiling
        self._per_webhook = per_webhook
        self._total = total
        self._waits: list[tuple[datetime, WebhookId]] = []
        self._by_webhook: Counter[WebhookId] = Counter()
        self._lock = Lock()

    @classmethod
    def of_one_in(cls, senders: int, ceiling: timedelta, cap: int = IN_FLIGHT_CAP) -> RetryBudget:
        """The share of one of at most ``senders`` processes."""
        total = max(1, cap // _SHARE_OF_CAP // senders)
        per_webhook = max(1, total // _SHARE_OF_TOTAL)
        return cls(ceiling=ceiling, per_webhook=per_webhook, total=total)

    def admits(self, webhook_id: WebhookId, wait: timedelta, now: datetime) -> bool:
        """Whether the wait may be in the queue; if so it counts until it is over."""
        if wait > self._ceiling:
            return False
        with self._lock:
            self._forget(now)
            if len(self._waits) >= self._total:
                return False
            if self._by_webhook[webhook_id] >= self._per_webhook:
                return False
            heapq.heappush(self._waits, (now + wait, webhook_id))
            self._by_webhook[webhook_id] += 1
            return True

    def _forget(self, now: datetime) -> None:
        while self._waits and self._waits[0][0] <= now:
            _, webhook_id = heapq.heappop(self._waits)
            self._by_webhook[webhook_id] -= 1
            if not self._by_webhook[webhook_id]:
                del self._by_webhook[webhook_id]
