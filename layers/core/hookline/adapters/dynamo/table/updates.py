"""Update expressions out of two items: what was, and what is to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hookline.adapters.dynamo.table.attributes import Item, Wire, to_wire


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
