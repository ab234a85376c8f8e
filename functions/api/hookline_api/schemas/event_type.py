"""The event-type catalogue."""

from __future__ import annotations

from hookline.domain.event.fields import EventTypeFields
from hookline_api.schemas.base import FLAG, MOMENT, Answer, always, page_of, text


class EventType(EventTypeFields, Answer):
    """One entry."""

    type = always(text("order.paid"), "The type it describes.")
    updated_at = always(MOMENT, "When it last changed.")


class EventTypeItem(EventType):
    """An entry in a list: without example and schema, which may be large."""

    left_out = frozenset({"example", "schema"})

    has_schema = always(FLAG, "Whether data of the type is checked.")


EventTypePage = page_of("EventTypePage", EventTypeItem, "Entries in the order of their names.")
