"""What can be told of a filter before it meets an event."""

from __future__ import annotations

from hookline.domain.sandbox import doubts
from hookline.domain.sandbox.expressions import InvalidExpression, compile_expression

FIELDS = frozenset(
    {"id", "type", "timestamp", "tenant", "actor", "project", "environment", "entity_type",
     "entity_id", "entity_url", "entity", "data", "previous_data", "tags", "feature"}
)  # fmt: skip
"""What an event has at its top, as `event_document` tells it."""


def doubts_about(text: str | None) -> tuple[str, ...]:
    """What in a filter is legal and can hardly be meant; nothing for a good one, or none."""
    try:
        return () if text is None else doubts.doubts(compile_expression(text), FIELDS)
    except InvalidExpression:  # saved under rules that have changed since
        return ()
