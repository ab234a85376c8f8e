"""Event types, and the patterns by which webhooks subscribe to them (reference row ET-7).

A pattern is an exact type (``flow.created``), a prefix at a dot (``flow.*``), or ``*``: every type,
those invented later too, except the platform's own under ``hookline.``, which are named on purpose.
"""

from __future__ import annotations

import re

from hookline.domain.event.event import RESERVED_PREFIX

EVERYTHING = "*"
MAX_PATTERN = 128
"""Characters of a type or a pattern."""

TYPE_EXPRESSION = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}"
"""The whole of an event type."""

TYPE_WORDS = (
    "must be 1 to 128 letters, digits and . _ : - and begin with a letter or digit"
    " (for example flow.created)"
)
PATTERN_WORDS = "must be an event type (flow.created), a prefix at a dot (flow.*), or *"

_TYPE = re.compile(TYPE_EXPRESSION)


def validate_type(event_type: str) -> str | None:
    """What is wrong with an event type; None for a good one."""
    if _TYPE.fullmatch(event_type):
        return None
    return TYPE_WORDS


def patterns_for(event_type: str) -> tuple[str, ...]:
    """Every pattern that matches this event type, the most exact one first."""
    dots = [at for at, character in enumerate(event_type) if character == "." and at > 0]
    prefixes = (event_type[:at] + ".*" for at in reversed(dots))
    everything = () if event_type.startswith(RESERVED_PREFIX) else (EVERYTHING,)
    return (event_type, *prefixes, *everything)


def matches(pattern: str, event_type: str) -> bool:
    """Whether the pattern matches this event type."""
    if pattern == EVERYTHING:
        return not event_type.startswith(RESERVED_PREFIX)
    if pattern.endswith(".*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type


def covers(pattern: str, other: str) -> bool:
    """Whether ``pattern`` matches every event type that ``other`` matches."""
    return pattern == other or matches(pattern, other)
