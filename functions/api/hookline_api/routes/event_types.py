"""/v1/tenants/{tenant}/event-types: the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.event.fields import EventTypeFields
from hookline.domain.identity.acts import Action
from hookline.domain.ids import TenantId
from hookline.services.event.event_types import ManageEventTypes
from hookline_api.http.call import Authorize, Call, Reply, json_reply, no_content
from hookline_api.http.call import event_type as type_of
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import event as shapes
from hookline_api.views.event import event_type_item_json, event_type_json

_ALL = "/v1/tenants/<tenant>/event-types"
_ONE = f"{_ALL}/<event_type>"


class EventTypeRoutes:
    """Describing event types, and what their data must hold."""

    def __init__(self, *, authorize: Authorize, manage: ManageEventTypes, cursors: Cursors) -> None:
        self._authorize = authorize
        self._manage = manage
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_event_types",
                summary="List the catalogue",
                tag="event types",
                handler=self.list,
                query=PageQuery,
                answers={200: shapes.EventTypePage},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_event_type",
                summary="Read an event type",
                tag="event types",
                handler=self.get,
                answers={200: shapes.EventType},
            ),
            Endpoint(
                method="PUT",
                path=_ONE,
                name="put_event_type",
                summary="Describe an event type",
                description="Events are checked against its schema within seconds.",
                tag="event types",
                handler=self.put,
                body=EventTypeFields,
                answers={200: shapes.EventType},
            ),
            Endpoint(
                method="PATCH",
                path=_ONE,
                name="patch_event_type",
                summary="Edit an event type",
                description="JSON Merge Patch. A schema is merged too: send a whole one by PUT.",
                tag="event types",
                handler=self.patch,
                body=EventTypeFields,
                answers={200: shapes.EventType},
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_event_type",
                summary="Remove an event type from the catalogue",
                description="Events of the type are accepted as before, unchecked.",
                tag="event types",
                handler=self.delete,
                answers={204: None},
            ),
        )

    def list(self, call: Call, tenant: str, query: PageQuery) -> Reply:
        """In the order of their names."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_EVENT_TYPES)
        page = self._cursors.page(query, owner, _ALL)
        found, goes_on = self._manage.page(owner, query.limit, page.position)
        return page.reply(found, event_type_item_json, goes_on, lambda entry: entry.type)

    def get(self, call: Call, tenant: str, event_type: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_EVENT_TYPES)
        return json_reply(event_type_json(self._manage.get(owner, type_of(event_type))))

    def put(self, call: Call, tenant: str, event_type: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.SAVE_EVENT_TYPE)
        entry = self._manage.put(owner, event_type, call.document())
        return json_reply(event_type_json(entry))

    def patch(self, call: Call, tenant: str, event_type: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.SAVE_EVENT_TYPE)
        entry = self._manage.patch(owner, type_of(event_type), call.document())
        return json_reply(event_type_json(entry))

    def delete(self, call: Call, tenant: str, event_type: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.DELETE_EVENT_TYPE)
        self._manage.delete(owner, type_of(event_type))
        return no_content()
