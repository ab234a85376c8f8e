"""Events and their types, as they are read."""

from __future__ import annotations

from hookline.domain.documents.kinds import Anything, Choice
from hookline.domain.documents.shape import Object
from hookline.domain.event.fields import EventFields, EventTypeFields
from hookline_api.schemas.base import (
    FLAG,
    MOMENT,
    NOTICES,
    Answer,
    ByName,
    Each,
    always,
    count,
    identifier,
    page_of,
    sometimes,
    text,
)
from hookline_api.schemas.problem import Problem

_ID = text("order-17-paid")
_TYPE = text("order.paid")


class Accepted(Answer):
    """The event is durable; from now on it is never lost."""

    id = always(_ID, "Its id: the one given, or one made here.")
    type = always(_TYPE, "Its type.")
    duplicate = always(
        FLAG, "The same event was published before: nothing is sent twice.", example=False
    )


class BatchItem(Answer):
    """What became of one event: accepted, or its problem."""

    id = sometimes(_ID, "Its id, where it was accepted.")
    type = sometimes(_TYPE, "Its type, where it was accepted.")
    duplicate = sometimes(FLAG, "Whether it was published before.", example=False)
    problem = sometimes(Object(Problem), "Why it was not accepted.")


class BatchAnswer(Answer):
    """One result each, in order."""

    items = always(Each(Object(BatchItem)), "As many as events were sent.")


class EventItem(Answer):
    """An event in a list: without what it carries."""

    id = always(_ID, "Its id.")
    type = always(_TYPE, "Its type.")
    entity_id = always(text("order-17"), "The entity it is about.", nullable=True)
    accepted_at = always(MOMENT, "When it was accepted.")
    matched_webhooks = always(count(2), "How many webhooks it was for when it came in.")
    test = always(FLAG, "Whether it is of a test.", example=False)


EventPage = page_of(
    "EventPage", EventItem, "Events, newest first, as soon as they have been fanned out."
)


class Event(EventFields, Answer):
    """An event as it was accepted; without what is absent."""

    sparse = True

    id = always(_ID, "Unique in the tenant.")
    tenant = always(text("acme"), "Whose it is.")
    accepted_at = always(MOMENT, "When it was accepted.")
    test = always(FLAG, "Whether it is of a test.", example=False)


class DryRunItem(Answer):
    """Whether one webhook would get the event, and by what or why not."""

    webhook_id = always(
        identifier("wh"), "The webhook; null for one that is not saved.", nullable=True
    )
    name = always(text("orders to the warehouse"), "Its name.", nullable=True)
    matched = always(FLAG, "Whether it would get the event.")
    reason = always(text("subscribes to order.*"), "By what, or why not.")
    warnings = sometimes(NOTICES, "What in its filter can hardly be meant.")


class DryRun(Answer):
    """All webhooks the caller may see, newest first."""

    items = always(Each(Object(DryRunItem)), "One verdict for each.")
    truncated = always(FLAG, "There are more webhooks than one dry run looks at.", example=False)


class Why(Answer):
    """What became of an event for one webhook."""

    webhook_id = always(identifier("wh"), "The webhook.")
    name = always(text("orders to the warehouse"), "Its name.")
    outcome = always(
        Choice("delivered", "waiting", "failed", "cancelled", "not_sent"), "In one word."
    )
    reason = always(
        text("filter"),
        "Of what was sent: its status or why it failed; `not_fanned_out` for what comes yet. Of"
        " what was not: `type`, `scope`, `environment`, `filter`, `off`, `created_later`,"
        " `changed_later` (it would match now), `target` or `stopped`.",
    )
    evidence = always(
        ByName(Anything(), {"filter": "data.total > `100`", "result": False}),
        "What it was decided by.",
    )


class Whys(Answer):
    """All webhooks the caller may see, newest first."""

    items = always(Each(Object(Why)), "One answer for each.")
    truncated = always(FLAG, "There are more webhooks than one answer holds.", example=False)


class EventType(EventTypeFields, Answer):
    """One entry."""

    type = always(text("order.paid"), "The type it describes.")
    updated_at = always(MOMENT, "When it last changed.")


class EventTypeItem(EventType):
    """An entry in a list: without example and schema, which may be large."""

    left_out = frozenset({"example", "schema"})

    has_schema = always(FLAG, "Whether data of the type is checked.")


EventTypePage = page_of("EventTypePage", EventTypeItem, "Entries in the order of their names.")
