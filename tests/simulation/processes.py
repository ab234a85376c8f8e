"""The functions put together as they are deployed, over the engine's ports in place of AWS.

Each call makes one process: what services keep in memory (budgets, caches) is its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hookline.domain.delivery.call import Caller
from hookline.ports import Crew, Randomness
from hookline.services.delivery.redeliver import CancelDelivery, RetryDelivery
from hookline.services.delivery.retry_budget import RetryBudget
from hookline.services.event.publish import Publish
from hookline.services.waiting.recover import Recover
from hookline.services.waiting.release_waiting import ReleaseOnceEnabled
from hookline.services.webhook.manage_webhooks import ManageWebhooks, WebhookStores
from hookline_fanout.wiring import Fanout, fanout_over
from hookline_scheduler.round import Round
from hookline_scheduler.wiring import (
    advance_recovery_over,
    operational_events_over,
    release_waiting_over,
    round_over,
)
from hookline_sender.messages import DeliveryMessages
from hookline_sender.wiring import sender_over
from tests.engine.engine import RETRIES, Engine
from tests.engine.wiring import CEILING, RULES, stack_over
from tests.simulation.stubs import EverybodyMay, NoCatalogue, NoMetrics, NoSurprises

_SILENT = logging.getLogger("hookline.simulation")
_SILENT.disabled = True


@dataclass(frozen=True, slots=True)
class Surrounds:
    """What a process is given besides ports; ``senders`` at most work on each of two queues, which
    take ``in_flight_cap`` messages in flight."""

    engine: Engine
    call: Caller
    crew: Callable[[], Crew[Any]]
    places: int
    randomness: Randomness
    jitter: Callable[[], float]
    senders: int
    in_flight_cap: int


@dataclass(frozen=True, slots=True)
class Api:
    """What users do."""

    publish: Publish
    webhooks: ManageWebhooks
    retry: RetryDelivery
    cancel: CancelDelivery
    recover: Recover


def api(given: Surrounds) -> Api:
    engine = given.engine
    ports = stack_over(engine)
    return Api(
        publish=Publish(
            events=engine.events,
            catalogue=NoCatalogue(),
            quota=lambda _tenant, _events: None,
            clock=engine.clock,
            randomness=given.randomness,
        ),
        webhooks=ManageWebhooks(
            stores=WebhookStores(
                webhooks=engine.webhooks,
                changes=engine.webhook_changes,
                vault=engine.vault,
                health=engine.health,
            ),
            rules=RULES,
            most=1_000_000,
            authorize=EverybodyMay(),
            announce=operational_events_over(ports),
            switched_on=ReleaseOnceEnabled(
                health=engine.health,
                release_waiting=release_waiting_over(ports),
                clock=engine.clock,
            ),
            clock=engine.clock,
            randomness=given.randomness,
        ),
        retry=RetryDelivery(
            changes=engine.delivery_changes,
            webhooks=engine.webhooks,
            events=engine.events,
            first_attempts=engine.first_attempts,
            clock=engine.clock,
        ),
        cancel=CancelDelivery(changes=engine.delivery_changes, clock=engine.clock),
        recover=Recover(
            jobs=engine.recover_jobs,
            log=engine.delivery_log,
            webhooks=engine.webhooks,
            advance=advance_recovery_over(ports),
            clock=engine.clock,
            randomness=given.randomness,
        ),
    )


def fanout(given: Surrounds) -> Fanout:
    return fanout_over(
        stack_over(given.engine),
        together=True,
        logger=_SILENT,
        metrics=NoMetrics(given.engine),
    )


def sender(given: Surrounds) -> DeliveryMessages:
    return sender_over(
        stack_over(given.engine, call=given.call, crew=given.crew, places=given.places),
        rules=RULES,
        budget=RetryBudget.of_one_in(2 * given.senders, CEILING, given.in_flight_cap),
        jitter=given.jitter,
        retry_queue_url=f"https://sqs.invalid/123456789012/{RETRIES}",
        together=True,
        logger=_SILENT,
        metrics=NoMetrics(given.engine),
    )


def scheduler(given: Surrounds) -> Round:
    return round_over(
        stack_over(given.engine),
        logger=NoSurprises("hookline.simulation"),
        metrics=NoMetrics(given.engine),
    )
