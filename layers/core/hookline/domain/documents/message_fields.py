"""The fields of a queue message, a JSON object. Whatever is wrong raises PoisonMessage.

Messages come from our own functions, but an operator may redrive, edit or send some by hand. One
that cannot be read is set aside with its reason, and the rest of its batch goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from hookline.domain.documents import strict_json
from hookline.domain.times import from_iso
from hookline.errors import PoisonMessage

_DEEPEST = 8


def written(fields: Mapping[str, object]) -> str:
    """The body of a message with these fields."""
    return json.dumps(fields, separators=(",", ":"))


def read(body: str) -> Mapping[str, object]:
    """All fields of a body."""
    try:
        fields = strict_json.loads(body, max_depth=_DEEPEST)
    except strict_json.InvalidJson as invalid:
        raise PoisonMessage(f"the message is not JSON: {invalid.detail}") from invalid
    if not isinstance(fields, dict):
        raise PoisonMessage("the message is not a JSON object")
    return fields


def text(fields: Mapping[str, object], name: str) -> str:
    """A field that is a non-empty text."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise PoisonMessage(f"{name} is missing or not a text")
    return value


def count(fields: Mapping[str, object], name: str) -> int:
    """A field that is a whole number, 0 or more."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise PoisonMessage(f"{name} is missing or not a whole number from 0 on")
    return value


def flag(fields: Mapping[str, object], name: str) -> bool:
    """A field that is true or false; false if it is absent."""
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise PoisonMessage(f"{name} is neither true nor false")
    return value


def instant(fields: Mapping[str, object], name: str) -> datetime:
    """A field that is an ISO 8601 time."""
    try:
        return from_iso(text(fields, name))
    except ValueError as wrong:
        raise PoisonMessage(f"{name} is not an ISO 8601 time") from wrong
