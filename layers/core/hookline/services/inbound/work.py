"""Assembles the work on a message, for both functions that do it: worker and receiver."""

from __future__ import annotations

from hookline.ports.inbound import MessageWork
from hookline.services.event.event_types import ManageEventTypes
from hookline.services.event.publish import Publish
from hookline.services.inbound.actions import Actions
from hookline.services.inbound.match_message import MatchMessage
from hookline.services.inbound.process_message import ProcessMessage
from hookline.services.inbound.run_function import RunFunction


def match_message_over(ports: MessageWork) -> MatchMessage:
    """Matching and verifying, over these ports."""
    return MatchMessage(
        configurations=ports.configurations,
        vault=ports.provider_vault,
        seen=ports.seen_signatures,
        invocations=ports.invocations,
        fetch=ports.fetch,
        clock=ports.clock,
    )


def process_message_over(ports: MessageWork) -> ProcessMessage:
    """Matching, verifying, and the three actions, over these ports."""
    return ProcessMessage(
        configurations=ports.configurations,
        runs=ports.message_runs,
        match=match_message_over(ports),
        run_function=RunFunction(
            act=Actions(
                publish=Publish(
                    events=ports.events,
                    catalogue=ManageEventTypes(types=ports.event_types, clock=ports.clock),
                    quota=None,  # the call that they came in by was counted
                    clock=ports.clock,
                    randomness=ports.randomness,
                ),
                events=ports.events,
                webhooks=lambda: ports.webhooks,
                invocations=ports.invocations,
                allowed_functions=ports.allowed_functions,
                clock=ports.clock,
            ),
            vault=ports.provider_vault,
            clock=ports.clock,
        ),
        concurrently=ports.concurrently,
        clock=ports.clock,
        randomness=ports.randomness,
    )
