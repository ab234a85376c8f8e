"""What can be said about a filter before it meets an event."""

from __future__ import annotations

from hookline.domain.sandbox import doubts
from hookline.domain.sandbox.expressions import InvalidExpression, compile_expression

FIELDS = frozenset(
    {"id", "type", "timestamp", "tenant", "actor", "project", "environment", "entity_type",
     "entity_id", "entity_url", "entity", "data", "previous_data", "tags", "feature"}
)  # fmt: skip
"""An event's top-level fields, as in `event_document`."""


def doubts_about(text: str | None) -> tuple[str, ...]:
    """What in a filter is legal but hardly meant; nothing for a good one, or none."""
    try:
        return () if text is None else doubts.doubts(compile_expression(text), FIELDS)
    except InvalidExpression:  # saved under rules that have changed since
        return ()
