"""Assembles deliveries: services over the stack, and routes."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.services.delivery.read_delivery import ReadDelivery
from hookline.services.delivery.redeliver import CancelDelivery, RetryDelivery
from hookline.services.delivery.send_event import SendEvent
from hookline.services.delivery.stats import WebhookStats
from hookline.services.delivery.tenant_stats import CountTenant
from hookline.services.delivery.troubled_deliveries import TroubledDeliveries
from hookline.services.waiting.advance_recovery import AdvanceRecovery
from hookline.services.waiting.recover import Recover
from hookline.services.webhook.send_sample import SendTest
from hookline_api.http.endpoint import Resource
from hookline_api.routes.deliveries import DeliveryRoutes
from hookline_api.routes.recovery import RecoveryRoutes
from hookline_api.routes.sending import SendRoutes
from hookline_api.routes.stats import StatsRoutes
from hookline_api.routes.troubled import TroubledRoutes
from hookline_api.shared import Shared


def routes(shared: Shared) -> Sequence[Resource]:
    """A webhook's log, its statistics, tests and recoveries."""
    stack = shared.stack
    retry = RetryDelivery(
        changes=stack.delivery_changes,
        webhooks=stack.webhooks,
        events=stack.events,
        first_attempts=stack.first_attempts,
        clock=shared.clock,
    )
    troubled = TroubledDeliveries(
        health=stack.health, log=stack.delivery_log, concurrently=stack.concurrently
    )
    return (
        SendRoutes(
            authorize=shared.authorize,
            send=SendEvent(
                webhooks=stack.webhooks,
                events=stack.events,
                changes=stack.delivery_changes,
                deliveries=stack.new_deliveries,
                retry=retry,
                first_attempts=stack.first_attempts,
                clock=shared.clock,
            ),
        ),
        TroubledRoutes(
            authorize=shared.authorize,
            troubled=troubled,
            show=shared.show,
            cursors=shared.cursors,
        ),
        DeliveryRoutes(
            authorize=shared.authorize,
            log=stack.delivery_log,
            logs=shared.logs,
            read=ReadDelivery(
                deliveries=stack.delivery_changes, log=stack.delivery_log, events=stack.events
            ),
            show=shared.show,
            retry=retry,
            cancel=CancelDelivery(changes=stack.delivery_changes, clock=shared.clock),
            cursors=shared.cursors,
        ),
        StatsRoutes(
            authorize=shared.authorize,
            stats=WebhookStats(stack.delivery_log),
            tenant=CountTenant(
                webhooks=stack.webhooks,
                health=stack.health,
                log=stack.delivery_log,
                concurrently=stack.concurrently,
                clock=shared.clock,
            ),
            logs=shared.logs,
            limits={
                "webhooks": shared.settings.webhooks_per_tenant,
                "events_per_second": shared.settings.publish_quota_per_second,
            },
        ),
        _recovery(shared),
    )


def _recovery(shared: Shared) -> Resource:
    stack, clock, waiting = shared.stack, shared.clock, shared.waiting
    recover = Recover(
        jobs=stack.recover_jobs,
        log=stack.delivery_log,
        webhooks=stack.webhooks,
        advance=AdvanceRecovery(
            jobs=stack.recover_jobs,
            webhooks=stack.webhooks,
            log=stack.delivery_log,
            waiting=waiting,
            clock=clock,
        ),
        clock=clock,
        randomness=shared.randomness,
    )
    send_test = SendTest(
        webhooks=stack.webhooks,
        event_types=stack.event_types,
        events=stack.events,
        deliveries=stack.new_deliveries,
        first_attempts=stack.first_attempts,
        clock=clock,
        randomness=shared.randomness,
    )
    return RecoveryRoutes(
        authorize=shared.authorize,
        send_test=send_test,
        recover=recover,
        cursors=shared.cursors,
        clock=clock,
    )
