"""Items: plain Python values as DynamoDB's typed attribute values and back, and updates of them.

boto3 has such a codec, but the sender cannot afford boto3's import; items here need no more than
text, numbers, truth values, lists, maps and sets of text.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hookline.adapters.dynamo.table.packing import Packed, unpacked
from hookline.domain.documents.strict_json import dumps, integer_of, number_of

type Item = Mapping[str, Any]
"""An item as plain Python: what the codecs in `items` make and read."""

type Wire = dict[str, Any]
"""An item as the client takes and gives it: every value under the letter of its type."""

_DECODER = json.JSONDecoder(parse_float=number_of, parse_int=integer_of)
"""Free-form JSON is stored as text: native maps stop at 32 levels and 38 digits, text does not."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A value of a type that Hookline never writes: who reads this very attribute finds out."""

    kind: str


def to_wire(item: Item) -> Wire:
    """The item for the wire. What is None is left out: absent stands for null everywhere."""
    return {name: value_to_wire(value) for name, value in item.items() if value is not None}


def from_wire(wire: Wire) -> dict[str, Any]:
    """The item as plain Python; numbers are int where they are whole, else float."""
    return {name: _from_value(value) for name, value in wire.items()}


def all_ours(item: Item) -> Item:
    """The item, for who needs all of it. Raises TypeError when an attribute is foreign."""
    for name, value in item.items():
        if isinstance(value, Foreign):
            raise TypeError(f"{name} is of type {value.kind}, which Hookline never writes")
    return item


def value_to_wire(value: object) -> Wire:
    """One attribute value. Raises TypeError for a type that items here do not hold."""
    match value:
        case Packed():
            return {"B": value.content}
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": repr(value)}
        case Mapping():
            return {"M": to_wire(value)}
        case list() | tuple():
            return {"L": [value_to_wire(each) for each in value]}
        case frozenset() | set():
            return {"SS": sorted(value)}
    raise TypeError(f"no attribute type for {type(value).__name__}")


def _from_value(wire: Wire) -> object:
    ((kind, value),) = wire.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value) if value.lstrip("-").isdigit() else float(value)
        case "M":
            return from_wire(value)
        case "L":
            return [_from_value(each) for each in value]
        case "SS":
            return frozenset(value)
        case "B":
            return _text_in(value)
        case "NULL":
            return None
    return Foreign(kind)


def _text_in(value: str | bytes) -> str | Foreign:
    """What is binary is a packed text, or nothing of ours."""
    try:
        return unpacked(value if isinstance(value, bytes) else base64.b64decode(value))
    except ValueError:
        return Foreign("B")


def text_of_json(value: object) -> str | None:
    """The JSON of a value, None for None: absent stands for null."""
    return None if value is None else dumps(value)


def json_of_text(text: str | None) -> object:
    """The value of a text that `text_of_json` made."""
    if text is None:
        return None
    value: object = _DECODER.decode(text)
    return value


@dataclass(frozen=True, slots=True)
class Update:
    """Attributes to set, or to remove where None, on condition that others have their values.

    Every name gets a placeholder, as DynamoDB reserves hundreds of words (``status``, ``name``,
    ``timer``), and every comparison with None asks for the attribute's absence.
    """

    changes: Item
    conditions: Item = field(default_factory=dict)

    @classmethod
    def between(cls, before: Item, after: Item) -> Update:
        """What turns ``before`` into ``after``: attributes that are equal are left alone."""
        names = {**before, **after}
        return cls({name: after.get(name) for name in names if before.get(name) != after.get(name)})

    def on_condition(self, conditions: Item) -> Update:
        """The same, as long as these attributes have these values."""
        return Update(self.changes, conditions)

    def stands_in(self, item: Item) -> bool:
        """Whether the item reads as if this had been applied to it."""
        return all(item.get(name) == _as_read(value) for name, value in self.changes.items())

    def parameters(self) -> dict[str, Any]:
        """What UpdateItem takes beside table and key."""
        names = {name: f"#a{number}" for number, name in enumerate(self._names())}
        values: dict[str, object] = {}
        sets, removes, conditions = [], [], []
        for name, value in self.changes.items():
            if value is None:
                removes.append(names[name])
            else:
                values[f":n{len(values)}"] = value
                sets.append(f"{names[name]} = :n{len(values) - 1}")
        for name, value in self.conditions.items():
            if value is None:
                conditions.append(f"attribute_not_exists({names[name]})")
            else:
                values[f":n{len(values)}"] = value
                conditions.append(f"{names[name]} = :n{len(values) - 1}")
        return _given(
            UpdateExpression=" ".join([*_clause("SET", sets), *_clause("REMOVE", removes)]),
            ConditionExpression=" AND ".join(conditions),
            ExpressionAttributeNames={alias: name for name, alias in names.items()},
            ExpressionAttributeValues=to_wire(values),
        )

    def _names(self) -> Mapping[str, None]:
        return dict.fromkeys([*self.changes, *self.conditions])


def _clause(verb: str, parts: list[str]) -> list[str]:
    return [f"{verb} {', '.join(parts)}"] if parts else []


def _given(**parameters: str | Mapping[str, str] | Wire) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value}


def _as_read(value: object) -> object:
    """A value as it is read back: what is None inside a map is not there."""
    if isinstance(value, Mapping):
        return {name: _as_read(each) for name, each in value.items() if each is not None}
    return value
