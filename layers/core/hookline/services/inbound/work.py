"""Puts the work on a message together, for the two functions that do it: worker and receiver."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookline.domain.ids import TenantId
from hookline.ports import Clock, Concurrently, Randomness
from hookline.ports.inbound import (
    InboundConfigurations,
    Invocations,
    MessageRuns,
    ProviderVault,
    SeenSignatures,
)
from hookline.services.event.event_types import ManageEventTypes
from hookline.services.event.publish import Publish
from hookline.services.inbound.match_message import MatchMessage
from hookline.services.inbound.process_message import ProcessMessage
from hookline.services.inbound.run_function import RunFunction

if TYPE_CHECKING:
    from hookline.ports.events import Events, EventTypes
    from hookline.ports.webhooks import Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundPorts:
    """What working on a message needs from outside."""

    configurations: InboundConfigurations
    runs: MessageRuns
    seen: SeenSignatures
    vault: ProviderVault
    invocations: Invocations
    events: Events
    event_types: EventTypes
    webhooks: Webhooks


def process_message_over(
    ports: InboundPorts,
    *,
    allowed_functions: AbstractSet[str],
    concurrently: Concurrently,
    clock: Clock,
    randomness: Randomness,
) -> ProcessMessage:
    """Matching, verifying, and the three actions, over these ports."""
    return ProcessMessage(
        configurations=ports.configurations,
        runs=ports.runs,
        match=MatchMessage(
            vault=ports.vault, seen=ports.seen, invocations=ports.invocations, clock=clock
        ),
        run_function=RunFunction(
            publish=Publish(
                events=ports.events,
                catalogue=ManageEventTypes(types=ports.event_types, clock=clock),
                quota=_counted_already,
                clock=clock,
                randomness=randomness,
            ),
            events=ports.events,
            webhooks=ports.webhooks,
            invocations=ports.invocations,
            vault=ports.vault,
            allowed_functions=allowed_functions,
            clock=clock,
        ),
        concurrently=concurrently,
        clock=clock,
        randomness=randomness,
    )


def _counted_already(tenant: TenantId, events: int) -> None:
    """What is published here came in by a call that the inbound quota has counted."""
