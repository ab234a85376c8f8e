"""Free-form JSON as text: native maps stop at 32 levels and 38 digits, text at neither."""

from __future__ import annotations

import json


def dump(value: object) -> str | None:
    """The JSON of a value, None for None: absent stands for null."""
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def load(text: str | None) -> object:
    """The value of a text that `dump` made."""
    if text is None:
        return None
    value: object = json.loads(text)
    return value
