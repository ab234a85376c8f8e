"""Puts the API together: stores, services on top of them, routes on top of those."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.adapters.threads import Threads
from hookline.domain.identity.quota import Quota
from hookline.ports import Clock, Randomness
from hookline.services.delivery.read_delivery import ReadableLogs, ReadDelivery, ShowNextAttempts
from hookline.services.delivery.redeliver import CancelDelivery, RetryDelivery
from hookline.services.delivery.stats import WebhookStats
from hookline.services.event.event_types import ManageEventTypes
from hookline.services.event.publish import Publish, PublishBatch
from hookline.services.fan_out.dry_run import DryRun
from hookline.services.fan_out.event_deliveries import EventDeliveries
from hookline.services.identity.keep_quota import KeepQuota
from hookline.services.identity.manage_keys import ManageKeys
from hookline.services.identity.manage_principals import ManagePrincipals
from hookline.services.identity.manage_rights import ManageRights
from hookline.services.identity.manage_tenants import ManageTenants
from hookline.services.waiting.advance_recovery import AdvanceRecovery
from hookline.services.waiting.recover import Recover
from hookline.services.waiting.release_waiting import ReleaseOnceEnabled, ReleaseWaiting
from hookline.services.waiting.waiting_deliveries import WaitingDeliveries
from hookline.services.webhook.manage_webhooks import ManageWebhooks, WebhookStores
from hookline.services.webhook.operational_events import OperationalEvents
from hookline.services.webhook.preview import PreviewTemplate
from hookline.services.webhook.rotate_secret import RotateSecret
from hookline.services.webhook.send_sample import SendTest
from hookline_api.http.app import Api
from hookline_api.http.endpoint import Resource
from hookline_api.http.idempotency import Idempotency
from hookline_api.inbound import inbound_routes
from hookline_api.parts import Parts, parts_of
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
from hookline_api.routes.stats import StatsRoutes
from hookline_api.routes.templates import TemplateRoutes
from hookline_api.routes.tenants import TenantRoutes
from hookline_api.routes.webhooks import WebhookRoutes
from hookline_api.settings import ApiSettings
from hookline_api.stores import Stores, stores_of

_THREADS = 16


def build_api(settings: ApiSettings, clock: Clock, randomness: Randomness) -> Api:
    """The whole API. Reads the stack's signing key; raises Unavailable where it cannot."""
    stores = stores_of(settings, clock, randomness)
    parts = parts_of(settings, stores, clock, randomness)
    idempotency = Idempotency(
        records=stores.idempotency,
        rights=parts.authorize,
        seal=stores.sealer,
        key=parts.pepper,
        clock=clock,
    )
    api: Api

    def document() -> dict[str, object]:
        return api.document()

    api = Api(
        parts.authenticate,
        [
            MetaRoutes(document),
            *_identity_routes(parts),
            *_webhook_routes(parts),
            *_delivery_routes(parts),
            _recovery_routes(parts),
            *_event_routes(parts),
            *_inbound_routes(parts),
            TemplateRoutes(authorize=parts.authorize, preview=PreviewTemplate(clock)),
        ],
        around_posts=idempotency.around,
    )
    return api


def _identity_routes(parts: Parts) -> Sequence[Resource]:
    stores, authorize, cursors = parts.stores, parts.authorize, parts.cursors
    principals = ManagePrincipals(
        authorize=authorize,
        principals=stores.principals,
        clock=parts.clock,
        randomness=parts.randomness,
        changed=parts.authenticate.forget,
    )
    keys = ManageKeys(
        principals=principals,
        keys=stores.keys,
        pepper=parts.pepper,
        clock=parts.clock,
        randomness=parts.randomness,
    )
    tenants = ManageTenants(
        tenants=stores.tenants,
        principals=stores.principals,
        webhooks=stores.webhooks,
        clock=parts.clock,
        changed=parts.known_tenants.forget,
    )
    rights = ManageRights(
        webhooks=stores.webhooks, principals=stores.principals, rights=stores.rights
    )
    return (
        TenantRoutes(authorize=authorize, manage=tenants, cursors=cursors),
        PrincipalRoutes(authorize=authorize, manage=principals, cursors=cursors),
        KeyRoutes(authorize=authorize, manage=keys),
        RightRoutes(authorize=authorize, manage=rights, cursors=cursors),
    )


def _webhook_routes(parts: Parts) -> Sequence[Resource]:
    stores, authorize = parts.stores, parts.authorize
    announce = OperationalEvents(
        events=stores.events, subscriptions=stores.subscriptions, clock=parts.clock
    )
    manage = ManageWebhooks(
        stores=WebhookStores(
            webhooks=stores.webhooks,
            changes=stores.webhook_changes,
            vault=stores.vault,
            health=stores.health,
        ),
        rules=parts.rules,
        authorize=authorize,
        announce=announce,
        switched_on=ReleaseOnceEnabled(
            health=stores.health,
            release_waiting=ReleaseWaiting(
                waiting=_waiting(stores), rate_limits=stores.rate_limits, clock=parts.clock
            ),
            clock=parts.clock,
        ),
        clock=parts.clock,
        randomness=parts.randomness,
    )
    rotate = RotateSecret(
        webhooks=stores.webhooks,
        changes=stores.webhook_changes,
        vault=stores.vault,
        updated=announce.updated,
        clock=parts.clock,
        randomness=parts.randomness,
    )
    return (
        WebhookRoutes(
            authorize=authorize,
            manage=manage,
            webhooks=stores.webhooks,
            health=stores.health,
            log=stores.log,
            cursors=parts.cursors,
        ),
        SecretRoutes(authorize=authorize, rotate=rotate),
    )


def _delivery_routes(parts: Parts) -> Sequence[Resource]:
    stores = parts.stores
    logs = ReadableLogs(webhooks=stores.webhooks, log=stores.log)
    retry = RetryDelivery(
        changes=stores.delivery_changes,
        webhooks=stores.webhooks,
        events=stores.events,
        first_attempts=stores.first_attempts,
        clock=parts.clock,
    )
    return (
        DeliveryRoutes(
            authorize=parts.authorize,
            log=stores.log,
            logs=logs,
            read=ReadDelivery(
                deliveries=stores.delivery_changes, log=stores.log, events=stores.events
            ),
            show=_show(stores),
            retry=retry,
            cancel=CancelDelivery(changes=stores.delivery_changes, clock=parts.clock),
            cursors=parts.cursors,
        ),
        StatsRoutes(authorize=parts.authorize, stats=WebhookStats(stores.log), logs=logs),
    )


def _inbound_routes(parts: Parts) -> Sequence[Resource]:
    return inbound_routes(
        parts.stores.inbound,
        authorize=parts.authorize,
        cursors=parts.cursors,
        webhooks=parts.stores.webhooks,
        invoke_function_arns=parts.settings.invoke_function_arns,
        clock=parts.clock,
        randomness=parts.randomness,
    )


def _show(stores: Stores) -> ShowNextAttempts:
    return ShowNextAttempts(webhooks=stores.webhooks, health=stores.health)


def _waiting(stores: Stores) -> WaitingDeliveries:
    return WaitingDeliveries(
        due=stores.due,
        deliveries=stores.deliveries,
        changes=stores.delivery_changes,
        timers=stores.retry_timers,
        concurrently=Threads(_THREADS),
    )


def _recovery_routes(parts: Parts) -> Resource:
    stores, clock, waiting = parts.stores, parts.clock, _waiting(parts.stores)
    recover = Recover(
        jobs=stores.recover_jobs,
        log=stores.log,
        webhooks=stores.webhooks,
        advance=AdvanceRecovery(
            jobs=stores.recover_jobs,
            webhooks=stores.webhooks,
            log=stores.log,
            waiting=waiting,
            clock=clock,
        ),
        clock=clock,
        randomness=parts.randomness,
    )
    send_test = SendTest(
        webhooks=stores.webhooks,
        event_types=stores.event_types,
        events=stores.events,
        deliveries=stores.new_deliveries,
        first_attempts=stores.first_attempts,
        clock=clock,
        randomness=parts.randomness,
    )
    return RecoveryRoutes(
        authorize=parts.authorize, send_test=send_test, recover=recover, clock=clock
    )


def _event_routes(parts: Parts) -> Sequence[Resource]:
    stores, clock = parts.stores, parts.clock
    types = ManageEventTypes(types=stores.event_types, clock=clock)
    publish = Publish(
        events=stores.events,
        catalogue=types,
        quota=KeepQuota(
            allotments=stores.allotments,
            quota=Quota(parts.settings.publish_quota_per_second),
            name="publish",
            clock=clock,
        ),
        clock=clock,
        randomness=parts.randomness,
    )
    deliveries = EventDeliveries(
        events=stores.events, fan_outs=stores.fan_outs, deliveries=stores.deliveries
    )
    return (
        PublishRoutes(
            authorize=parts.authorize,
            publish=publish,
            publish_batch=PublishBatch(publish=publish, concurrently=Threads(_THREADS)),
            dry_run=DryRun(stores.webhooks, clock),
        ),
        EventRoutes(
            authorize=parts.authorize,
            events=stores.events,
            fan_outs=stores.fan_outs,
            deliveries=deliveries,
            show=_show(stores),
            cursors=parts.cursors,
        ),
        EventTypeRoutes(authorize=parts.authorize, manage=types, cursors=parts.cursors),
    )
