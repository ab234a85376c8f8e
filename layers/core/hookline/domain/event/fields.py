"""The fields of an event, of a batch of them, of an entry of the catalogue, of a subscription."""

from __future__ import annotations

from urllib.parse import urlsplit

from hookline.domain.documents.kinds import Anything, Flag, Instant, ListOf, MapOf, Text
from hookline.domain.documents.shape import Later, Object, Shape, defaulted, optional, required
from hookline.domain.event.patterns import MAX_PATTERN, PATTERN_WORDS, TYPE_EXPRESSION, TYPE_WORDS

EVENT_ID = r"[A-Za-z0-9_-]{1,64}"
MOST_EVENTS = 100
"""Of one batch (product rule)."""

EVENT_TYPE = Text(1, MAX_PATTERN, like=(TYPE_EXPRESSION, TYPE_WORDS), example="order.paid")
"""One exact event type."""

PATTERN = Text(
    1,
    MAX_PATTERN,
    like=(rf"\*|{TYPE_EXPRESSION}|[A-Za-z0-9][A-Za-z0-9._:-]{{0,125}}\.\*", PATTERN_WORDS),
    example="order.*",
)
"""What a webhook subscribes to: a type, a prefix at a dot, or everything."""

_FREE = Text(1, 500, example="Ada")
_IN_HEADER = Text(1, 500, one_line=True, example="o-17")


def _no_web_address(text: str) -> str | None:
    """A link for people, which nothing here calls: any absolute http url."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    return None if good else "must be an absolute http or https url"


class ActorFields(Shape):
    """Who caused the event."""

    id = required(_FREE, "Its id with the publisher.", example="u-4")
    name = optional(_FREE, "Its name.")


_STRATEGIES = MapOf(
    MapOf(Anything(example=True)), example={"eu": {"enabled": True, "percentage": 25}}
)


class FeatureFields(Shape):
    """A feature flag and its strategies by context path, from which activation is computed."""

    id = required(_FREE, "Its id.", example="f-9")
    name = optional(_FREE, "Its name.", example="new-checkout")
    strategies = optional(_STRATEGIES, "As they are now.")
    previous_strategies = optional(_STRATEGIES, "As they were before.")


EVENT_ID_TEXT = Text(
    1,
    64,
    like=(EVENT_ID, "must be 1 to 64 letters, digits, _ and -"),
    example="order-17-paid",
)


class SendFields(Shape):
    """Which event is sent."""

    event_id = required(EVENT_ID_TEXT, "A stored event.")


class EventFields(Shape):
    """What happened. At most 256 KiB, nested at most 64 levels."""

    type = required(EVENT_TYPE, "Not under `hookline.`, which is the platform's own.")
    id = optional(
        EVENT_ID_TEXT,
        "Unique in the tenant; the same event again is not sent twice. Not beginning with `op_`.",
    )
    occurred_at = optional(Instant(), "When it happened; else when it was accepted.")
    actor = optional(Object(ActorFields), "Who caused it.")
    project = optional(_FREE, "What a webhook's scope narrows by.", example="shop")
    environment = optional(_FREE, "What a webhook's scope narrows by.", example="production")
    entity_id = optional(_IN_HEADER, "The id of what it is about.")
    entity_type = optional(_FREE, "The kind of what it is about.", example="order")
    entity_url = optional(
        Text(1, 2_048, one_line=True, also=_no_web_address, example="https://shop.example/o-17"),
        "Where to look at what it is about: an absolute http or https url.",
    )
    entity = optional(Anything(), "What it is about, as it is now.")
    data = optional(Anything(), "What the type's schema describes.")
    previous_data = optional(Anything(), "The same as it was before.")
    tags = optional(Anything(["vip"]), "Anything to filter by.")
    feature = optional(Object(FeatureFields), "The feature flag that it is about.")


class BatchFields(Shape):
    """Up to 100 events, 4 MiB together."""

    events = required(
        ListOf(Later(Object(EventFields)), 1, MOST_EVENTS), "The events, each by itself."
    )


class EventTypeFields(Shape):
    """What a type stands for, looks like, and must hold."""

    description = defaulted(
        Text(0, 2_000), "", "What it stands for.", example="An order was paid in full"
    )
    example = optional(Anything(), "A sample of an event's `data`, 64 KiB at most.")
    schema = optional(
        Anything({"type": "object", "required": ["total"]}),
        "The JSON Schema that `data` must follow.",
    )
    archived = defaulted(Flag(), False, "No longer offered; events of it are still taken.")

    server_set = frozenset({"type", "updated_at"})
