"""JSON schema in words: what the page says of a field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

type Schema = Mapping[str, Any]


def anchor(heading: str) -> str:
    """Where a heading of this page is, as GitHub makes it."""
    kept = (c for c in heading.lower() if c.isalnum() or c in " -_")
    return "#" + "".join(kept).replace(" ", "-")


def type_of(schema: Schema) -> str:  # noqa: PLR0911 - one for each form
    """`string`, `array of [Attempt](#attempt)`, … as Markdown of a table's cell."""
    if "$ref" in schema:
        name = name_of(schema)
        return f"[{name}]({anchor(name)})"
    if alternatives := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(dict.fromkeys(type_of(each) for each in alternatives))
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{'null' if value is None else value}`" for value in schema["enum"])
    match schema.get("type"):
        case [simple, "null"]:
            return f"{type_of({**schema, 'type': simple})} or null"
        case "array":
            return f"array of {type_of(schema.get('items', {}))}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"object of {type_of(schema['additionalProperties'])}"
        case None:
            return "any JSON"
        case simple:
            return "time" if schema.get("format") == "date-time" else str(simple)


def rules_of(schema: Schema) -> str:
    """Its description and the bounds that the type alone does not tell."""
    said = [schema["description"]] if "description" in schema else []
    said += [text for part in _parts(schema) for text in _bounds(part)]
    if schema.get("default") is not None:
        said.append(f"Default {json.dumps(schema['default'])}.")
    return " ".join(dict.fromkeys(said))


def fields_table(schema: Schema, *, written: bool) -> list[str]:
    """One line for each field of an object; ``written`` marks those that must be given."""
    required = schema.get("required", [])
    lines = ["| field | type | |", "|---|---|---|"]
    for name, field in schema["properties"].items():
        text = rules_of(field)
        if written and name in required:
            text = f"Required. {text}"
        lines.append(f"| `{name}` | {_cell(type_of(field))} | {_cell(text)} |".replace("  ", " "))
    return lines


def parameters_table(parameters: list[Schema]) -> list[str]:
    """One line for each query parameter."""
    lines = ["| query | type | |", "|---|---|---|"]
    for each in parameters:
        rules = rules_of({**each["schema"], "description": each["description"]})
        lines.append(f"| `{each['name']}` | {_cell(type_of(each['schema']))} | {_cell(rules)} |")
    return lines


def name_of(schema: Schema) -> str:
    """Whom a `$ref` names."""
    return str(schema["$ref"]).rpartition("/")[2]


def _parts(schema: Schema) -> Iterator[Schema]:
    yield schema
    for each in schema.get("anyOf", []):
        if each.get("type") != "null":
            yield each


def _bounds(schema: Schema) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        yield f"{low:g} to {high:,g}." if high < 1e6 else f"{low:g} to {high:,.0f}."
    if "maxLength" in schema:
        yield f"At most {schema['maxLength']:,} characters."
    if "maxItems" in schema:
        yield f"At most {schema['maxItems']:,}."
    if "pattern" in schema:
        yield f"`{schema['pattern']}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()
