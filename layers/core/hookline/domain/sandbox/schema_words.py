"""What is wrong with a value, in our own words for each keyword of JSON Schema."""

from __future__ import annotations

from typing import Any

import jsonschema

from hookline.domain.documents.strict_json import dumps

MAX_MESSAGE_LENGTH = 200

_A_VALUE = {
    "const": "must be {}",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
    "divisibleBy": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must not have more than {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must not have more than {} items",
    "minContains": "must have at least {} items that match contains",
    "maxContains": "must not have more than {} items that match contains",
    "minProperties": "must have at least {} fields",
    "maxProperties": "must not have more than {} fields",
}
_PLAIN = {
    "uniqueItems": "holds an item twice",
    "contains": "must have an item that matches contains",
    "anyOf": "must match one of the schemas under anyOf",
    "oneOf": "must match exactly one of the schemas under oneOf",
    "not": "must not match the schema under not",
    "additionalItems": "has more items than it may",
    "items": "has more items than it may",
}
_A_NAME = {
    "required": "must have the field {}",
    "dependentRequired": "must have the field {} beside those that it has",
    "additionalProperties": "must not have the field {}",
}


def words(error: jsonschema.ValidationError) -> str:
    """The error in one line of at most `MAX_MESSAGE_LENGTH` characters; quotes only the schema."""
    return shortened(_words(error))


def shortened(message: str) -> str:
    """The message, cut if it is too long."""
    return message if len(message) <= MAX_MESSAGE_LENGTH else message[:MAX_MESSAGE_LENGTH] + "…"


def _words(error: jsonschema.ValidationError) -> str:
    keyword = str(error.validator)
    value: Any = error.validator_value
    if keyword in _A_VALUE:
        return _A_VALUE[keyword].format(_json(value))
    if keyword in _PLAIN:
        return _PLAIN[keyword]
    if keyword in _A_NAME:
        return _A_NAME[keyword].format(_json(error.message))
    match keyword:
        case "type":
            names = value if isinstance(value, list) else [value]
            return f"must be of type {' or '.join(map(str, names))}"
        case "enum":
            return f"must be one of {', '.join(map(_json, value[:20]))}"
        case "pattern":
            return f"does not match {value}"
        case "None":  # the schema false
            return "is not allowed here"
        case _:
            return f"does not follow {keyword}"


def _json(value: object) -> str:
    return shortened(dumps(value))
