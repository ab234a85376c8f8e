"""Assembles webhooks: services over the stack, and routes."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.services.delivery.stats import RecentStats
from hookline.services.waiting.release_waiting import ReleaseOnceEnabled, ReleaseWaiting
from hookline.services.webhook.list_webhooks import ListWebhooks
from hookline.services.webhook.manage_webhooks import ManageWebhooks, WebhookStores
from hookline.services.webhook.operational_events import OperationalEvents
from hookline.services.webhook.preview import PreviewTemplate
from hookline.services.webhook.rotate_secret import RotateSecret
from hookline_api.http.endpoint import Resource
from hookline_api.routes.secrets import SecretRoutes
from hookline_api.routes.templates import TemplateRoutes
from hookline_api.routes.webhooks import WebhookRoutes
from hookline_api.shared import Shared


def routes(shared: Shared) -> Sequence[Resource]:
    """Webhooks, their secrets, and previews of their templates."""
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
        most=shared.settings.webhooks_per_tenant,
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
            list_webhooks=ListWebhooks(webhooks=stack.webhooks, health=stack.health),
            recent=RecentStats(stack.delivery_log, shared.clock, stack.concurrently),
            health=stack.health,
            log=stack.delivery_log,
            cursors=shared.cursors,
        ),
        SecretRoutes(authorize=authorize, rotate=rotate),
        TemplateRoutes(authorize=authorize, preview=PreviewTemplate(shared.clock)),
    )
