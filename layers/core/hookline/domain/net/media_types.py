"""The media types that Hookline knows by name (RFC 9110, section 8.3.1)."""

from __future__ import annotations

import re

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

# A quoted value is skipped as a whole, whether it is closed or not: linear in the text.
_PARAMETER = re.compile(r';\s*([^\s=;"]+)=(?:"((?:[^"\\]++|\\.)*+)"?|([^;]*))')


def essence(content_type: str) -> str:
    """The type without its parameters, in lower case: ``text/html`` of ``Text/HTML; charset=x``."""
    return content_type.partition(";")[0].strip().lower()


def parameter(value: str, name: str) -> str | None:
    """One parameter of a Content-Type or Content-Disposition, unquoted; None without it."""
    for match in _PARAMETER.finditer(value):
        if match[1].lower() == name:
            quoted = match[2]
            return match[3].strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return None
