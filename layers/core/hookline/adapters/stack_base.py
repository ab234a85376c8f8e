"""What adapters are built over: clients, threads, clock and randomness, one of each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

    from hookline.adapters.aws.clients import Clients
    from hookline.adapters.aws.kms import Sealer
    from hookline.adapters.aws.sqs import Queue
    from hookline.adapters.dynamo.table.batches import Batches
    from hookline.ports import Clock, Concurrently, Crew, Randomness


class StackBase:
    """Each of them is made when somebody first asks for it.

    ``settings`` are the function's own: it can ask for what they name. ``threads`` is how many
    calls go out side by side. ``stopwatch`` times users' endpoints.
    """

    def __init__(
        self,
        settings: Any,
        *,
        threads: int = 1,
        clock: Clock = lambda: datetime.now(UTC),
        randomness: Randomness = os.urandom,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.threads = threads
        self.clock = clock
        self.randomness = randomness
        self.stopwatch = stopwatch

    @cached_property
    def clients(self) -> Clients:
        from hookline.adapters.aws.clients import Clients

        return Clients()

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self.clients.dynamodb(connections=self.threads)

    @cached_property
    def sqs(self) -> SQSClient:
        return self.clients.sqs(connections=self.threads)

    @cached_property
    def batches(self) -> Batches:
        from hookline.adapters.dynamo.table.batches import Batches

        return Batches(self.dynamodb)

    @cached_property
    def concurrently(self) -> Concurrently:
        from hookline.adapters.threads import Threads

        return Threads(self.threads)

    @cached_property
    def crew(self) -> Callable[[], Crew[Any]]:
        from hookline.adapters.threads import Threads

        return Threads(self.threads).crew

    @cached_property
    def sealer(self) -> Sealer:
        from hookline.adapters.aws.kms import Sealer

        return Sealer(self.clients.kms(connections=self.threads), self.settings.kms_key_id)

    def queue(self, url: str) -> Queue:
        """One queue; all of them share a client."""
        from hookline.adapters.aws.sqs import Queue

        return Queue(self.sqs, url)
