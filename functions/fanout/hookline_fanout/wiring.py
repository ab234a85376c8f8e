"""Assembles the fan-out: services and the translation of both triggers, over the stack.

Tests and simulations run the same wiring over stand-ins.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hookline.adapters.stack import Stack
from hookline.adapters.telemetry import TOGETHER, Metrics, Together, start_logging
from hookline.ports import Clock
from hookline.services.fan_out.chunks import CreateChunk, MendChunk
from hookline.services.fan_out.claims import CLAIMS_AT_ONCE, Claims
from hookline.services.fan_out.continue_fan_out import ContinueFanOut, ContinueStores
from hookline.services.fan_out.fan_out import FanOutEvents
from hookline.services.fan_out.filter_failures import FilterFailures
from hookline.services.fan_out.match_event import MatchEvent
from hookline.services.fan_out.subscribers import Subscribers
from hookline_fanout.settings import FanoutSettings
from hookline_fanout.steps import StepMessages
from hookline_fanout.stream import StreamRecords, fields_together


@dataclass(frozen=True, slots=True)
class Fanout:
    """What each of the function's two triggers calls."""

    stream: StreamRecords
    steps: StepMessages


def build_fanout(settings: FanoutSettings, clock: Clock) -> Fanout:
    """The fan-out over AWS."""
    start_logging("fanout", settings.log_level)
    return fanout_over(
        Stack(settings, threads=CLAIMS_AT_ONCE, clock=clock),
        together=settings.success_log == TOGETHER,
        logger=logging.getLogger("hookline.fanout"),
        metrics=Metrics("fanout", settings.stage, clock, on=settings.metrics),
    )


def fanout_over(
    stack: Stack, *, together: bool, logger: logging.Logger, metrics: Metrics
) -> Fanout:
    """Both triggers over one stack. ``together``: complete fan-outs share a line of the log."""
    dead_letters = stack.stream_dead_letters
    subscribers = Subscribers(stack.subscriptions, stack.hasty_subscriptions, stack.clock)
    return Fanout(
        StreamRecords(
            fan_out=fan_out_over(stack, subscribers),
            dead_letters=dead_letters,
            together=Together("events.fanned_out", fields_together, logger) if together else None,
            logger=logger,
            metrics=metrics,
        ),
        StepMessages(
            create_chunk=create_chunk_over(stack),
            continue_fan_out=continue_fan_out_over(stack, subscribers),
            dead_letters=dead_letters,
            logger=logger,
            metrics=metrics,
        ),
    )


def continue_fan_out_over(stack: Stack, subscribers: Subscribers) -> ContinueFanOut:
    """For large fan-outs, whose matching continues."""
    failures = FilterFailures(stack.filter_failures, stack.clock)
    return ContinueFanOut(
        stores=ContinueStores(
            events=stack.events,
            fan_outs=stack.fan_outs,
            new_deliveries=stack.new_deliveries,
            deliveries=stack.deliveries,
            bookmarks=stack.bookmarks,
        ),
        subscribers=subscribers,
        failures=failures,
        match=MatchEvent(subscribers, stack.webhooks, failures),
        first_attempts=stack.first_attempts,
        steps=stack.fan_out_steps,
        dead_letters=stack.stream_dead_letters,
        clock=stack.clock,
    )


def fan_out_over(stack: Stack, subscribers: Subscribers) -> FanOutEvents:
    """For events of the stream."""
    failures = FilterFailures(stack.filter_failures, stack.clock)
    return FanOutEvents(
        subscribers=subscribers,
        failures=failures,
        match=MatchEvent(subscribers, stack.webhooks, failures),
        claims=Claims(
            fan_outs=stack.fan_outs,
            bookmarks=stack.bookmarks,
            concurrently=stack.concurrently,
            clock=stack.clock,
        ),
        new_deliveries=stack.new_deliveries,
        first_attempts=stack.first_attempts,
        steps=stack.fan_out_steps,
        clock=stack.clock,
    )


def create_chunk_over(stack: Stack) -> CreateChunk:
    """For further chunks of large fan-outs."""
    return CreateChunk(
        events=stack.events,
        fan_outs=stack.fan_outs,
        new_deliveries=stack.new_deliveries,
        first_attempts=stack.first_attempts,
        mend_chunk=MendChunk(
            fan_outs=stack.fan_outs,
            new_deliveries=stack.new_deliveries,
            deliveries=stack.deliveries,
            changes=stack.delivery_changes,
            clock=stack.clock,
        ),
        clock=stack.clock,
    )
