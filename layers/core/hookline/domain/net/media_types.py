"""The media types that Hookline knows by name (RFC 9110, section 8.3.1)."""

from __future__ import annotations

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def essence(content_type: str) -> str:
    """The type without its parameters, in lower case: ``text/html`` of ``Text/HTML; charset=x``."""
    return content_type.partition(";")[0].strip().lower()
