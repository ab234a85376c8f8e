"""Assembles the worker: services over the stack, and the translation of batches."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

from hookline.adapters.stack_inbound import InboundStack
from hookline.adapters.telemetry import Metrics, start_logging
from hookline.adapters.threads import Threads
from hookline.ports import Clock, Concurrently, Randomness
from hookline.services.inbound.sweep_messages import SweepMessages
from hookline.services.inbound.work import process_message_over
from hookline_inbound_worker.batch import WorkOnBatch
from hookline_inbound_worker.settings import InboundWorkerSettings

_INVOKE_TIMEOUT = timedelta(seconds=25)
"""The timeout of a match function, and of all functions together: both fit the 60 s of this
function."""

_MESSAGES_AT_ONCE = 10
"""As many as a batch has: a slow function of one message does not delay another message."""

_FUNCTIONS_AT_ONCE = 40
"""For all messages of a batch together, whose own threads wait for these."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What each of the function's two triggers calls: its queue, and an hourly schedule."""

    batch: WorkOnBatch
    sweep: SweepMessages


def build_inbound_worker(
    settings: InboundWorkerSettings, clock: Clock, randomness: Randomness = os.urandom
) -> Worker:
    """The worker over AWS."""
    start_logging("inbound-worker", settings.log_level)
    stack = InboundStack(
        settings,
        threads=_FUNCTIONS_AT_ONCE,
        clock=clock,
        randomness=randomness,
        invoke_timeout=_INVOKE_TIMEOUT,
    )
    return worker_over(
        stack,
        side_by_side=Threads(_MESSAGES_AT_ONCE),
        metrics=Metrics("inbound-worker", settings.stage, clock, on=settings.metrics),
    )


def worker_over(
    stack: InboundStack,
    *,
    side_by_side: Concurrently,
    metrics: Metrics,
) -> Worker:
    """Both triggers over the same stack; ``side_by_side`` runs the messages of a batch."""
    return Worker(
        batch=WorkOnBatch(
            process=process_message_over(stack),
            queue=stack.inbound_queue,
            dead_letters=stack.inbound_dead_letters,
            concurrently=side_by_side,
            metrics=metrics,
        ),
        sweep=SweepMessages(
            tenants=stack.tenants,
            messages=stack.pending_messages,
            queue=stack.inbound_queue,
            clock=stack.clock,
        ),
    )
