"""Event types and patterns as fields of documents."""

from __future__ import annotations

from hookline.domain.documents.kinds import Text
from hookline.domain.event.patterns import MAX_PATTERN, PATTERN_WORDS, TYPE_EXPRESSION, TYPE_WORDS

EVENT_TYPE = Text(1, MAX_PATTERN, like=(TYPE_EXPRESSION, TYPE_WORDS), example="order.paid")
"""One exact event type."""

PATTERN = Text(
    1,
    MAX_PATTERN,
    like=(rf"\*|{TYPE_EXPRESSION}|[A-Za-z0-9][A-Za-z0-9._:-]{{0,125}}\.\*", PATTERN_WORDS),
    example="order.*",
)
"""What a webhook subscribes to: a type, a prefix at a dot, or everything."""
