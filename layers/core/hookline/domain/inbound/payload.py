"""What a body says, as a plain value that expressions can look into."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hookline.domain.documents.strict_json import InvalidJson, loads
from hookline.domain.net.media_types import FORM, essence

_MAX_FORM_FIELDS = 1_000


def payload_of(body: bytes, content_type: str) -> object:
    """The parsed body: a form's fields, else JSON whatever its media type says; None if neither.

    Some systems send JSON as text/plain. A form field that occurs once is a string, one that is
    repeated a list. A form of the single field ``payload`` that holds JSON stands for that JSON:
    GitHub (content type "form") and Slack (interactivity) wrap theirs so.
    """
    if essence(content_type) == FORM:
        return _form(body)
    return _json(body)


def _json(text: bytes | str) -> object:
    try:
        return loads(text)
    except InvalidJson:
        return None


def _form(body: bytes) -> object:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FORM_FIELDS)
    except ValueError:  # not UTF-8, or more fields than anybody means
        return None
    if len(pairs) == 1 and pairs[0][0] == "payload":
        wrapped = _json(pairs[0][1])
        if wrapped is not None:
            return wrapped
    fields: dict[str, object] = {}
    for name, value in pairs:
        before = fields.get(name)
        if before is None:
            fields[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            fields[name] = [before, value]
    return fields
