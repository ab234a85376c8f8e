"""What a dry run is asked, each field declared once."""

from __future__ import annotations

from hookline.domain.documents.shape import Object, optional
from hookline.domain.event.fields import EVENT_ID_TEXT, EVENT_TYPE, EventFields
from hookline.domain.webhook.fields import UnsavedFields


class DryRunFields(EventFields):
    """An event, or the id of a stored one; and a webhook that is not saved yet."""

    type = optional(  # type: ignore[assignment] # read by the event's own rules where it is needed
        EVENT_TYPE, "Must be given, unless `event_id` is."
    )
    event_id = optional(EVENT_ID_TEXT, "A stored event, in place of all other fields.")
    webhook = optional(Object(UnsavedFields), "Ask about this one, and about none that is saved.")
