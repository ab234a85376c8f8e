"""What a ``forward`` passes on of an inbound call."""

from __future__ import annotations

from urllib.parse import urlencode

from hookline.domain.event.event import Pristine
from hookline.domain.inbound.message import Call
from hookline.domain.mask import MASK
from hookline.domain.net.header_rules import is_field_value, is_platform_owned

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
"""Methods of deliveries; a call with another one is sent with the webhook's own method."""

_MAX_CHARACTERS = 8_192
"""All headers together: they are stored with the event."""


def handed_on(call: Call, names: tuple[str, ...]) -> Pristine:
    """Body, type and coding as they came, method and query, and the headers of these names.

    Credentials are already masked in the call, and are never passed on.
    """
    given = call.content_type.strip()
    headers: dict[str, str] = {}
    left = _MAX_CHARACTERS
    for name in ("content-encoding", *names):
        value = call.headers.get(name, "").strip()
        left -= len(name) + len(value)
        allowed = not is_platform_owned(name) and name != "content-type"
        if value and value != MASK and allowed and is_field_value(value) and left >= 0:
            headers[name] = value
    shown = {name: [each for each in values if each != MASK] for name, values in call.query.items()}
    return Pristine(
        call.body,
        given if given and is_field_value(given) else "application/octet-stream",
        method=call.method if call.method in _METHODS else None,
        query=urlencode(shown, doseq=True),
        headers=headers,
    )
