"""/v1/tenants/{tenant}/events: reading events, and where each one went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from hookline.domain.documents.kinds import ListOf, Text
from hookline.domain.documents.shape import defaulted, optional
from hookline.domain.event.fields import EVENT_TYPE
from hookline.domain.identity.acts import Action
from hookline.domain.ids import EventId, TenantId
from hookline.domain.times import from_iso, iso
from hookline.errors import NotFound
from hookline.ports.events import Events
from hookline.services.delivery.read_delivery import ShowNextAttempts
from hookline.services.fan_out.event_deliveries import EventDeliveries, Place
from hookline.services.fan_out.find_events import FindEvents, Wanted
from hookline_api.http.call import Authorize, Call, Reply, event_id, json_reply
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery, TimeQuery
from hookline_api.schemas import delivery as delivery_shapes
from hookline_api.schemas import event as shapes
from hookline_api.views.delivery import delivery_item_json
from hookline_api.views.event import event_item_json, event_json

_ALL = "/v1/tenants/<tenant>/events"
_ONE = f"{_ALL}/<event>"
_DELIVERIES = f"{_ONE}/deliveries"


class EventQuery(TimeQuery, PageQuery):
    """Which events."""

    type = defaulted(ListOf(EVENT_TYPE, 1, 20), (), "One event type, or several with commas.")
    entity_id = optional(Text(1, 256, example="order-17"), "The entity they are about.")


class EventRoutes:
    """Accepted events, read back."""

    def __init__(
        self,
        *,
        authorize: Authorize,
        events: Events,
        find: FindEvents,
        deliveries: EventDeliveries,
        show: ShowNextAttempts,
        cursors: Cursors,
    ) -> None:
        self._authorize = authorize
        self._events = events
        self._find = find
        self._deliveries = deliveries
        self._show = show
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_events",
                summary="List events",
                description="Newest first, as soon as they have been fanned out. By type or"
                " entity a page looks through 1,000 events at most: it may hold fewer than `limit`,"
                " and goes on.",
                tag="events",
                handler=self.list,
                query=EventQuery,
                answers={200: shapes.EventPage},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_event",
                summary="Read an event",
                tag="events",
                handler=self.get,
                answers={200: shapes.Event},
            ),
            Endpoint(
                method="GET",
                path=_DELIVERIES,
                name="list_event_deliveries",
                summary="List an event's deliveries",
                description="Those of the webhooks that the caller may see.",
                tag="events",
                handler=self.list_deliveries,
                query=PageQuery,
                answers={200: delivery_shapes.DeliveryPage},
            ),
        )

    def list(self, call: Call, tenant: str, query: EventQuery) -> Reply:
        """Newest first."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_EVENTS)
        page = self._cursors.page(query, owner, _ALL)
        wanted = Wanted(
            since=query.since, until=query.until, types=query.type, entity_id=query.entity_id
        )
        found, goes_on = self._find(owner, wanted, query.limit, page.at(_read))
        rest = None if goes_on is None else _position(*goes_on)
        return page.reply(
            found, event_item_json, rest, lambda each: _position(each.accepted_at, each.event_id)
        )

    def get(self, call: Call, tenant: str, event: str) -> Reply:
        """One event with all it carries."""
        owner, wanted = TenantId(tenant), event_id(event)
        self._authorize(call.principal, owner, Action.READ_EVENTS)
        found = self._events.get(owner, wanted)
        if found is None:
            raise NotFound
        return json_reply(event_json(found))

    def list_deliveries(self, call: Call, tenant: str, event: str, query: PageQuery) -> Reply:
        """In the order of the fan-out, as all were created at the same time."""
        owner, wanted = TenantId(tenant), event_id(event)
        caller = self._authorize(call.principal, owner, Action.READ_EVENTS)
        page = self._cursors.page(query, owner, _DELIVERIES, wanted)
        visible = partial(self._authorize.visible, caller, owner)
        found, rest = self._deliveries(owner, wanted, visible, query.limit, page.at(_place))
        goes_on = None if rest is None else f"{rest.chunk}:{rest.match}"
        return page.reply(self._show(found), delivery_item_json, goes_on)


def _position(accepted_at: datetime, event: EventId) -> str:
    return f"{iso(accepted_at)}#{event}"


def _read(position: str) -> tuple[datetime, EventId]:
    at, _, event = position.partition("#")
    return from_iso(at), EventId(event)


def _place(position: str) -> Place:
    chunk, _, match = position.partition(":")
    return Place(int(chunk), int(match))
