"""Assembles events: services over the stack, and routes."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.services.fan_out.dry_run import DryRun
from hookline.services.fan_out.event_deliveries import EventDeliveries
from hookline.services.fan_out.explain_event import ExplainEvent
from hookline.services.fan_out.find_events import FindEvents
from hookline_api.http.endpoint import Resource
from hookline_api.routes.dry_run import DryRunRoutes
from hookline_api.routes.event_types import EventTypeRoutes
from hookline_api.routes.events import EventRoutes
from hookline_api.routes.why import WhyRoutes
from hookline_api.shared import Shared


def routes(shared: Shared) -> Sequence[Resource]:
    """Reading events, dry runs and explanations, and the catalogue."""
    stack = shared.stack
    deliveries = EventDeliveries(
        events=stack.events, fan_outs=stack.fan_outs, deliveries=stack.deliveries
    )
    return (
        WhyRoutes(
            authorize=shared.authorize,
            explain=ExplainEvent(
                events=stack.events,
                fan_outs=stack.fan_outs,
                deliveries=stack.deliveries,
                webhooks=stack.webhooks,
            ),
        ),
        DryRunRoutes(
            authorize=shared.authorize, dry_run=DryRun(stack.webhooks, stack.events, shared.clock)
        ),
        EventRoutes(
            authorize=shared.authorize,
            events=stack.events,
            find=FindEvents(stack.fan_outs),
            deliveries=deliveries,
            show=shared.show,
            cursors=shared.cursors,
        ),
        EventTypeRoutes(
            authorize=shared.authorize, manage=shared.event_types, cursors=shared.cursors
        ),
    )
