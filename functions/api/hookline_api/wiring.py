"""Puts the API together: services over the stack, routes on top of those."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.identity.quota import Quota
from hookline.ports import Clock, Randomness
from hookline.services.delivery.read_delivery import ReadDelivery
from hookline.services.delivery.redeliver import CancelDelivery, RetryDelivery
from hookline.services.delivery.stats import WebhookStats
from hookline.services.event.publish import Publish, PublishBatch
from hookline.services.fan_out.dry_run import DryRun
from hookline.services.fan_out.event_deliveries import EventDeliveries
from hookline.services.identity.keep_quota import KeepQuota
from hookline.services.identity.manage_keys import ManageKeys
from hookline.services.identity.manage_principals import ManagePrincipals
from hookline.services.identity.manage_rights import ManageRights
from hookline.services.identity.manage_sessions import ManageSessions
from hookline.services.identity.manage_tenants import ManageTenants
from hookline.services.waiting.advance_recovery import AdvanceRecovery
from hookline.services.waiting.recover import Recover
from hookline.services.waiting.release_waiting import ReleaseOnceEnabled, ReleaseWaiting
from hookline.services.webhook.manage_webhooks import ManageWebhooks, WebhookStores
from hookline.services.webhook.operational_events import OperationalEvents
from hookline.services.webhook.preview import PreviewTemplate
from hookline.services.webhook.rotate_secret import RotateSecret
from hookline.services.webhook.send_sample import SendTest
from hookline_api.http.app import Api
from hookline_api.http.endpoint import Resource
from hookline_api.http.idempotency import Idempotency
from hookline_api.routes.deliveries import DeliveryRoutes
from hookline_api.routes.event_types import EventTypeRoutes
from hookline_api.routes.events import EventRoutes
from hookline_api.routes.keys import KeyRoutes
from hookline_api.routes.meta import MetaRoutes
from hookline_api.routes.principals import PrincipalRoutes
from hookline_api.routes.publishing import PublishRoutes
from hookline_api.routes.recovery import RecoveryRoutes
from hookline_api.routes.rights import RightRoutes
from hookline_api.routes.secrets import SecretRoutes
from hookline_api.routes.sessions import SessionRoutes
from hookline_api.routes.stats import StatsRoutes
from hookline_api.routes.templates import TemplateRoutes
from hookline_api.routes.tenants import TenantRoutes
from hookline_api.routes.webhooks import WebhookRoutes
from hookline_api.settings import ApiSettings
from hookline_api.shared import Shared
from hookline_api.wiring_inbound import inbound_routes

_THREADS = 16


def build_api(settings: ApiSettings, clock: Clock, randomness: Randomness = os.urandom) -> Api:
    """The whole API. Reads the stack's signing key; raises Unavailable where it cannot."""
    shared = Shared(settings, api_stack(settings, clock, randomness))
    stack, authorize = shared.stack, shared.authorize
    idempotency = Idempotency(
        records=lambda: stack.idempotency,
        rights=authorize,
        seal=stack.sealer,
        key=shared.pepper,
        clock=clock,
    )
    api: Api

    def document() -> dict[str, object]:
        return api.document()

    api = Api(
        shared.authenticate,
        [
            MetaRoutes(document),
            *_identity_routes(shared),
            *_webhook_routes(shared),
            *_delivery_routes(shared),
            _recovery_routes(shared),
            *_event_routes(shared),
            *inbound_routes(shared),
            TemplateRoutes(authorize=authorize, preview=PreviewTemplate(clock)),
        ],
        around_posts=idempotency.around,
    )
    return api


def api_stack(settings: ApiSettings, clock: Clock, randomness: Randomness) -> ApiStack:
    """What the API keeps in AWS."""
    return ApiStack(settings, threads=_THREADS, clock=clock, randomness=randomness)


def _identity_routes(shared: Shared) -> Sequence[Resource]:
    stack, authorize, cursors = shared.stack, shared.authorize, shared.cursors
    principals = ManagePrincipals(
        authorize=authorize,
        principals=stack.principals,
        clock=shared.clock,
        randomness=shared.randomness,
        changed=shared.authenticate.forget,
    )
    keys = ManageKeys(
        principals=principals,
        keys=stack.keys,
        pepper=shared.pepper,
        clock=shared.clock,
        randomness=shared.randomness,
    )
    tenants = ManageTenants(
        tenants=stack.tenants,
        principals=stack.principals,
        webhooks=stack.webhooks,
        clock=shared.clock,
        changed=shared.known_tenants.forget,
    )
    rights = ManageRights(webhooks=stack.webhooks, principals=stack.principals, rights=stack.rights)
    return (
        TenantRoutes(authorize=authorize, manage=tenants, cursors=cursors),
        PrincipalRoutes(authorize=authorize, manage=principals, cursors=cursors),
        KeyRoutes(authorize=authorize, manage=keys, cursors=cursors),
        SessionRoutes(
            authorize=authorize,
            manage=ManageSessions(principals=principals, key=shared.pepper, clock=shared.clock),
            tenants=stack.tenants,
        ),
        RightRoutes(authorize=authorize, manage=rights, cursors=cursors),
    )


def _webhook_routes(shared: Shared) -> Sequence[Resource]:
    stack, authorize = shared.stack, shared.authorize
    announce = OperationalEvents(
        events=stack.events, subscriptions=stack.subscriptions, clock=shared.clock
    )
    manage = ManageWebhooks(
        stores=WebhookStores(
            webhooks=stack.webhooks,
            changes=stack.webhook_changes,
            vault=stack.vault,
            health=stack.health,
        ),
        rules=stack.surroundings,
        authorize=authorize,
        announce=announce,
        switched_on=ReleaseOnceEnabled(
            health=stack.health,
            release_waiting=ReleaseWaiting(
                waiting=shared.waiting, rate_limits=stack.rate_limits, clock=shared.clock
            ),
            clock=shared.clock,
        ),
        clock=shared.clock,
        randomness=shared.randomness,
    )
    rotate = RotateSecret(
        webhooks=stack.webhooks,
        changes=stack.webhook_changes,
        vault=stack.vault,
        updated=announce.updated,
        clock=shared.clock,
        randomness=shared.randomness,
    )
    return (
        WebhookRoutes(
            authorize=authorize,
            manage=manage,
            webhooks=stack.webhooks,
            health=stack.health,
            log=stack.delivery_log,
            cursors=shared.cursors,
        ),
        SecretRoutes(authorize=authorize, rotate=rotate),
    )


def _delivery_routes(shared: Shared) -> Sequence[Resource]:
    stack = shared.stack
    retry = RetryDelivery(
        changes=stack.delivery_changes,
        webhooks=stack.webhooks,
        events=stack.events,
        first_attempts=stack.first_attempts,
        clock=shared.clock,
    )
    return (
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
            authorize=shared.authorize, stats=WebhookStats(stack.delivery_log), logs=shared.logs
        ),
    )


def _recovery_routes(shared: Shared) -> Resource:
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
        authorize=shared.authorize, send_test=send_test, recover=recover, clock=clock
    )


def _event_routes(shared: Shared) -> Sequence[Resource]:
    stack, clock = shared.stack, shared.clock
    publish = Publish(
        events=stack.events,
        catalogue=shared.event_types,
        quota=KeepQuota(
            allotments=stack.allotments,
            quota=Quota(shared.settings.publish_quota_per_second),
            name="publish",
            clock=clock,
        ),
        clock=clock,
        randomness=shared.randomness,
    )
    deliveries = EventDeliveries(
        events=stack.events, fan_outs=stack.fan_outs, deliveries=stack.deliveries
    )
    return (
        PublishRoutes(
            authorize=shared.authorize,
            publish=publish,
            publish_batch=PublishBatch(publish=publish, concurrently=stack.concurrently),
            dry_run=DryRun(stack.webhooks, clock),
        ),
        EventRoutes(
            authorize=shared.authorize,
            events=stack.events,
            fan_outs=stack.fan_outs,
            deliveries=deliveries,
            show=shared.show,
            cursors=shared.cursors,
        ),
        EventTypeRoutes(
            authorize=shared.authorize, manage=shared.event_types, cursors=shared.cursors
        ),
    )
