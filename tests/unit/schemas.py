"""Schemas that are small and a lot of work."""

from __future__ import annotations

from typing import Any


def doubling(levels: int) -> dict[str, Any]:
    """A schema that says the same 2 ** levels times."""
    definitions: dict[str, Any] = {"d0": {"not": {"type": "string"}}}
    for level in range(1, levels):
        twice = [{"$ref": f"#/$defs/d{level - 1}"}] * 2
        definitions[f"d{level}"] = {"allOf": twice}
    return {"$defs": definitions, "$ref": f"#/$defs/d{levels - 1}"}
