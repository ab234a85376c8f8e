"""Small bodies checked by their shape's model; all errors at once, fields dotted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from hookline.errors import FieldError, Rejected

_MESSAGES = {
    "extra_forbidden": "is not a known field",
    "missing": "is required",
}


def json_object(value: object) -> dict[str, object]:
    """A JSON object. Raises Rejected for any other JSON value."""
    if not isinstance(value, dict):
        raise Rejected([FieldError("", "the body must be a JSON object")])
    return value


def nothing(value: object) -> None:
    """Raises Rejected for all that is more than an empty object, null or no body at all."""
    if value is not None:
        unknown = [FieldError(name, "is not a known field") for name in json_object(value)]
        if unknown:
            raise Rejected(unknown)


def shaped[Model: BaseModel](model: type[Model], value: object) -> Model:
    """``value`` as the model; raises Rejected with every FieldError."""
    try:
        return model.model_validate(json_object(value))
    except ValidationError as error:
        raise Rejected(list(_field_errors(error))) from None


def _field_errors(error: ValidationError) -> Iterable[FieldError]:
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        yield FieldError(_dotted(found["loc"]), _MESSAGES.get(found["type"], found["msg"]))


def _dotted(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location)
