"""Puts services and both triggers' translation over the fan-out's ports, whatever is behind them.

What is deployed and what tests and simulations run is the same wiring: they hand over other ports.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookline.adapters.telemetry.metrics import Metrics
from hookline.ports import Clock, Concurrently
from hookline.services.fan_out.chunks import CreateChunk, MendChunk
from hookline.services.fan_out.fan_out import FanOutEvents, FanOutStores
from hookline_fanout.steps import StepMessages
from hookline_fanout.stream import StreamRecords

if TYPE_CHECKING:
    from hookline.ports.deliveries import Deliveries, DeliveryChanges, NewDeliveries
    from hookline.ports.events import Bookmarks, FanOuts, FanOutSteps
    from hookline.ports.sending import DeadLetters, FirstAttempts
    from hookline.ports.webhooks import Subscriptions, Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class FanoutPorts:
    """What the fan-out needs from outside."""

    subscriptions: Subscriptions
    webhooks: Webhooks
    fan_outs: FanOuts
    new_deliveries: NewDeliveries
    deliveries: Deliveries
    delivery_changes: DeliveryChanges
    bookmarks: Bookmarks
    first_attempts: FirstAttempts
    fan_out_steps: FanOutSteps
    stream_dead_letters: DeadLetters
    concurrently: Concurrently
    clock: Clock


@dataclass(frozen=True, slots=True)
class Fanout:
    """What each of the function's two triggers calls."""

    stream: StreamRecords
    steps: StepMessages


def fanout_over(ports: FanoutPorts, *, logger: logging.Logger, metrics: Metrics) -> Fanout:
    """Both triggers over the same ports."""
    dead_letters = ports.stream_dead_letters
    return Fanout(
        StreamRecords(
            fan_out=fan_out_over(ports), dead_letters=dead_letters, logger=logger, metrics=metrics
        ),
        StepMessages(
            create_chunk=create_chunk_over(ports),
            dead_letters=dead_letters,
            logger=logger,
            metrics=metrics,
        ),
    )


def fan_out_over(ports: FanoutPorts) -> FanOutEvents:
    """For events of the stream."""
    return FanOutEvents(
        stores=FanOutStores(
            subscriptions=ports.subscriptions,
            webhooks=ports.webhooks,
            fan_outs=ports.fan_outs,
            new_deliveries=ports.new_deliveries,
            deliveries=ports.deliveries,
            bookmarks=ports.bookmarks,
        ),
        first_attempts=ports.first_attempts,
        steps=ports.fan_out_steps,
        concurrently=ports.concurrently,
        clock=ports.clock,
    )


def create_chunk_over(ports: FanoutPorts) -> CreateChunk:
    """For further chunks of large fan-outs."""
    return CreateChunk(
        fan_outs=ports.fan_outs,
        new_deliveries=ports.new_deliveries,
        first_attempts=ports.first_attempts,
        mend_chunk=MendChunk(
            fan_outs=ports.fan_outs,
            new_deliveries=ports.new_deliveries,
            deliveries=ports.deliveries,
            changes=ports.delivery_changes,
            clock=ports.clock,
        ),
        clock=ports.clock,
    )
