"""Every port of the core in memory, over one clock, each call of which is a numbered step."""

from __future__ import annotations

from datetime import timedelta

from hookline.ports.deliveries import (
    Deliveries,
    DeliveryChanges,
    DeliveryLog,
    Due,
    NewDeliveries,
    RecoverJobs,
)
from hookline.ports.events import Bookmarks, Events, FanOuts, FanOutSteps
from hookline.ports.identity import Tenants
from hookline.ports.requests import IdempotencyRecords
from hookline.ports.rounds import Leases, Pieces
from hookline.ports.sending import (
    DeadLetters,
    FirstAttempts,
    MoreMessages,
    RateLimits,
    RetryTimers,
    Snapshots,
)
from hookline.ports.webhooks import (
    CountedWebhooks,
    FilterFailureCounts,
    Subscriptions,
    Vault,
    WebhookChanges,
    WebhookHealth,
)
from tests.engine.clock import FakeClock
from tests.engine.deliveries import InMemoryDeliveries
from tests.engine.events import InMemoryEvents, InMemoryFanOuts
from tests.engine.health import InMemoryWebhookHealth
from tests.engine.idempotency import InMemoryIdempotencyRecords
from tests.engine.identity import Identities, InMemoryTenants
from tests.engine.pacing import InMemoryBookmarks, InMemoryRateLimits
from tests.engine.queues import Queue
from tests.engine.recover_jobs import InMemoryRecoverJobs
from tests.engine.rounds import InMemoryLeases, InMemoryPieces
from tests.engine.sending import (
    InMemoryDeadLetters,
    InMemoryFanOutSteps,
    InMemoryFirstAttempts,
    InMemoryMoreMessages,
    InMemoryRetryTimers,
)
from tests.engine.snapshots import InMemorySnapshots
from tests.engine.steps import Steps
from tests.engine.webhooks import InMemorySubscriptions, InMemoryVault, InMemoryWebhooks

RETENTION = timedelta(days=30)

DELIVERIES, RETRIES = "hookline-sim-deliveries", "hookline-sim-retries"
"""Names of queues."""


class Engine:
    """Ports by their names (``engine.delivery_changes``), behind them tables and queues.

    A port's calls are steps (`tests.engine.steps`); ``tables`` and queues are there for a test to
    look into, past the steps.
    """

    def __init__(self, clock: FakeClock | None = None, retention: timedelta = RETENTION) -> None:
        self.clock = clock or FakeClock()
        self.steps = Steps()
        self._make_queues()
        self._make_tables(retention)
        observe = self.steps.observe
        self.webhooks: CountedWebhooks = observe("webhooks", self.webhooks_table)
        self.webhook_changes: WebhookChanges = observe("webhook_changes", self.webhooks_table)
        self.subscriptions: Subscriptions = observe(
            "subscriptions", InMemorySubscriptions(self.webhooks_table)
        )
        self.vault: Vault = observe("vault", InMemoryVault())
        self.health: WebhookHealth = observe("health", self.health_table)
        self.filter_failures: FilterFailureCounts = observe("filter_failures", self.health_table)
        self.events: Events = observe("events", self.events_table)
        self.fan_outs: FanOuts = observe("fan_outs", self.fan_outs_table)
        self.new_deliveries: NewDeliveries = observe("new_deliveries", self.deliveries_table)
        self.deliveries: Deliveries = observe("deliveries", self.deliveries_table)
        self.delivery_changes: DeliveryChanges = observe("delivery_changes", self.deliveries_table)
        self.delivery_log: DeliveryLog = observe("delivery_log", self.deliveries_table)
        self.due: Due = observe("due", self.deliveries_table)
        self.snapshots: Snapshots = observe(
            "snapshots",
            InMemorySnapshots(
                self.deliveries_table, self.webhooks_table, self.health_table, self.events_table
            ),
        )
        self.idempotency: IdempotencyRecords = observe("idempotency", InMemoryIdempotencyRecords())
        self.tenants: Tenants = observe("tenants", self.tenants_table)
        self.bookmarks: Bookmarks = observe("bookmarks", self.bookmarks_table)
        self.recover_jobs: RecoverJobs = observe(
            "recover_jobs", InMemoryRecoverJobs(retention, self.clock)
        )
        self.rate_limits: RateLimits = observe("rate_limits", InMemoryRateLimits())
        self.first_attempts: FirstAttempts = observe(
            "first_attempts", InMemoryFirstAttempts(self.delivery_queue)
        )
        self.retry_timers: RetryTimers = observe(
            "retry_timers", InMemoryRetryTimers(self.retry_queue)
        )
        self.more_first_attempts: MoreMessages = observe(
            "more_first_attempts", InMemoryMoreMessages(self.delivery_queue, DELIVERIES)
        )
        self.more_retries: MoreMessages = observe(
            "more_retries", InMemoryMoreMessages(self.retry_queue, RETRIES)
        )
        self.dead_letters: DeadLetters = observe(
            "dead_letters", InMemoryDeadLetters(self.dead_letter_queue)
        )
        self.stream_dead_letters: DeadLetters = observe(
            "stream_dead_letters", InMemoryDeadLetters(self.stream_dead_letter_queue)
        )
        self.leases: Leases = observe("leases", InMemoryLeases())
        self.pieces_asked_for = InMemoryPieces()
        self.pieces: Pieces = observe("pieces", self.pieces_asked_for)
        self.fan_out_steps: FanOutSteps = observe(
            "fan_out_steps", InMemoryFanOutSteps(self.fan_out_queue)
        )

    def _make_queues(self) -> None:
        self.dead_letter_queue = Queue(self.clock)
        self.stream_dead_letter_queue = Queue(self.clock)
        self.delivery_queue = Queue(
            self.clock, max_receive_count=50, dead_letters=self.dead_letter_queue
        )
        self.retry_queue = Queue(
            self.clock, max_receive_count=1000, dead_letters=self.dead_letter_queue
        )
        self.fan_out_queue = Queue(
            self.clock, max_receive_count=50, dead_letters=self.stream_dead_letter_queue
        )

    def _make_tables(self, retention: timedelta) -> None:
        self.tenants_table = InMemoryTenants(Identities())
        self.bookmarks_table = InMemoryBookmarks()
        self.webhooks_table = InMemoryWebhooks()
        self.health_table = InMemoryWebhookHealth()
        self.events_table = InMemoryEvents(retention, self.clock)
        self.fan_outs_table = InMemoryFanOuts(retention, self.clock)
        self.deliveries_table = InMemoryDeliveries(retention, self.clock)
