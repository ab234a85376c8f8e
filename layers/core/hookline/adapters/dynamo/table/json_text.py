"""Free-form JSON as text: native maps stop at 32 levels and 38 digits, text at neither."""

from __future__ import annotations

import json

from hookline.domain.documents.exact_numbers import integer_of, number_of, printed

_DECODER = json.JSONDecoder(parse_float=number_of, parse_int=integer_of)


def dump(value: object) -> str | None:
    """The JSON of a value, None for None: absent stands for null."""
    return None if value is None else printed(value)


def load(text: str | None) -> object:
    """The value of a text that `dump` made."""
    if text is None:
        return None
    value: object = _DECODER.decode(text)
    return value
