"""The systems that a webhook can speak as: what each sends when nothing else is said.

A format is a data file beside this one: ``<name>.json``::

    {"template_language": "handlebars",   the language of its users' templates
     "context": "",                       where its body's names stand in a template: "" or "event"
     "body": {"_id": "#_id", "payload": {"name": "payload.name?"}},
     "types": {"FEATURE_DELETED": {…}},   another body for some event types
     "headers": {"X-Etl-Webhook-Id": "webhookId"},
     "signatures": [{"type": "hmac", …}],
     "sentences": {"feature-created": "created"}}

A value is a path into the names of `hookline.domain.request.template_context`. ``#`` before it
makes a number of a text that is one; what is absent is null, with ``?`` behind it left out, and
with ``[]`` the empty list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

FormatName = Literal["hookline", "izanami", "unleash", "apiida", "etlworks"]

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Format:
    """One of them, as its data file says; ``hookline`` has none and is all defaults."""

    name: FormatName
    template_language: Literal["mustache", "handlebars"] = "mustache"
    context: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    signatures: tuple[Any, ...] = ("standard",)
    sentences: Mapping[str, str] = field(default_factory=dict)

    def body_of(self, event_type: str, names: Mapping[str, object]) -> dict[str, object]:
        """The body's keys and values in the order in which they are sent."""
        return _filled(self.types.get(event_type, self.body), names)


@cache
def format_of(name: FormatName) -> Format:
    """The format of a name."""
    if name == "hookline":
        return Format(name)
    text = (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")
    values: dict[str, Any] = json.loads(text)
    values["signatures"] = tuple(values.get("signatures", ("standard",)))
    return Format(name, **values)


def _filled(shape: Mapping[str, Any], names: Mapping[str, object]) -> dict[str, object]:
    filled: dict[str, object] = {}
    for key, path in shape.items():
        if isinstance(path, Mapping):
            filled[key] = _filled(path, names)
            continue
        found = _found(path.strip("#?[]"), names)
        if found is not _MISSING:
            filled[key] = _as_number(found) if path.startswith("#") else found
        elif path.endswith("[]"):
            filled[key] = []
        elif not path.endswith("?"):
            filled[key] = None
    return filled


def _found(path: str, names: Mapping[str, object]) -> object:
    value: object = names
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _MISSING
        value = value[part]
    return value


def _as_number(value: object) -> object:
    """Their ids are numbers, ours texts: one that is written as a number goes out as one."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        return int(value) if value == str(int(value)) else value
    return value
