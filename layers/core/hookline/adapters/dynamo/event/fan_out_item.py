"""The record of a fan-out, and its further chunks, as items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.attributes import Item, json_of_text, text_of_json
from hookline.domain.fan_out.fan_out import FanOut, Match, Stretch
from hookline.domain.ids import EventId, WebhookId
from hookline.domain.times import from_iso, iso

if TYPE_CHECKING:
    from hookline.domain.shards import Shards


def to_item(fan_out: FanOut, retention: timedelta, shards: Shards) -> Item:
    """The record with its first chunk."""
    count = shards.at(fan_out.accepted_at)
    return {
        **chunk_key(fan_out, 0, shards),
        "shards": count if count > 1 else None,
        "event_id": fan_out.event_id,
        "event_type": fan_out.event_type,
        "entity_id": fan_out.entity_id,
        "accepted_at": iso(fan_out.accepted_at),
        "claim": fan_out.claim,
        "claimed_at": iso(fan_out.claimed_at),
        "matched_count": fan_out.matched_count,
        "further_chunks": fan_out.further_chunks or None,
        "test": fan_out.test or None,
        "open": fan_out.open or None,
        "reached": fan_out.reached,
        "spent": fan_out.spent or None,
        "stopped": fan_out.stopped,
        "moved_at": iso(fan_out.moved_at) if fan_out.moved_at else None,
        **_matches_to_attributes(fan_out.matches),
        "ttl": _ttl(fan_out, retention),
    }


def from_item(item: Item) -> FanOut:
    """The record that `to_item` made the item of."""
    return FanOut(
        tenant=keys.tenant_of(item["tenant"]),
        event_id=EventId(item["event_id"]),
        event_type=item["event_type"],
        entity_id=item.get("entity_id"),
        accepted_at=from_iso(item["accepted_at"]),
        claim=item["claim"],
        claimed_at=from_iso(item["claimed_at"]),
        matches=matches_of(item),
        matched_count=item["matched_count"],
        further_chunks=item.get("further_chunks", 0),
        test=item.get("test", False),
        open=item.get("open", False),
        reached=item.get("reached"),
        spent=item.get("spent", 0),
        stopped=item.get("stopped"),
        moved_at=from_iso(item["moved_at"]) if "moved_at" in item else None,
    )


def chunk_to_item(
    fan_out: FanOut, number: int, stretch: Stretch, retention: timedelta, shards: Shards
) -> Item:
    """A further chunk."""
    return {
        **chunk_key(fan_out, number, shards),
        **_matches_to_attributes(stretch.matches),
        "reached": stretch.reached,
        "finished": stretch.finished,
        "ttl": _ttl(fan_out, retention),
    }


def stretch_of(item: Item) -> Stretch:
    """The stretch that a further chunk was made of."""
    return Stretch(matches_of(item), item.get("reached"), item["finished"])


def matches_of(item: Item) -> tuple[Match, ...]:
    """The matches in a record, or in a further chunk."""
    activations = [json_of_text(text) for text in item.get("activations", ())]
    return tuple(
        Match(
            webhook_id=WebhookId(match["webhook_id"]),
            max_age=timedelta(seconds=match["max_age_seconds"]),
            activation=activations[match["activation"]] if "activation" in match else None,
        )
        for match in item["matches"]
    )


def _matches_to_attributes(matches: Sequence[Match]) -> dict[str, Any]:
    """Each distinct activation is stored once.

    An activation holds a value out of the event, which may be large; there are as many different
    ones as the event has values, so the item stays below DynamoDB's 400 KB whatever the event.
    """
    numbers: dict[str, int] = {}
    written = []
    for match in matches:
        text = text_of_json(match.activation)
        number = None if text is None else numbers.setdefault(text, len(numbers))
        written.append(
            {
                "webhook_id": match.webhook_id,
                "max_age_seconds": match.max_age.total_seconds(),
                "activation": number,
            }
        )
    return {"matches": written, "activations": list(numbers) or None}


def _ttl(fan_out: FanOut, retention: timedelta) -> int:
    return int((fan_out.accepted_at + retention).timestamp())


def chunk_key(fan_out: FanOut, number: int, shards: Shards) -> Item:
    """Where a chunk is; number 0 is the record itself."""
    if number == 0:
        return keys.fan_out(fan_out.tenant, fan_out.accepted_at, fan_out.event_id, shards)
    return keys.fan_out_chunk(fan_out, number, shards)
