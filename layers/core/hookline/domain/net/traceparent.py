"""The header that carries a trace from whoever publishes to every endpoint: W3C Trace Context.

https://www.w3.org/TR/trace-context/#traceparent-header
"""

from __future__ import annotations

import hashlib
import re

# Later versions may append fields, which are not to be passed on (section 3.2.4).
_TRACEPARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace_id>[0-9a-f]{32})-(?P<parent_id>[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_LONGEST = 512


def read(header: str | None) -> str | None:
    """The header in the form of version 00; None where it is absent or not valid."""
    if header is None or len(header) > _LONGEST:
        return None
    match = _TRACEPARENT.fullmatch(header.strip())
    if match is None or match["version"] == "ff" or (match["version"] == "00" and match["more"]):
        return None
    if not int(match["trace_id"], 16) or not int(match["parent_id"], 16):
        return None
    return f"00-{match['trace_id']}-{match['parent_id']}-{match['flags']}"


def trace_id(traceparent: str | None) -> str | None:
    """The id that all spans of the trace share, out of what `read` gave."""
    return None if traceparent is None else traceparent.split("-")[1]


def child(traceparent: str, span: str) -> str:
    """The same trace, its parent now the span of this name: the same name gives the same span."""
    _, of_all, _, flags = traceparent.split("-")
    return f"00-{of_all}-{hashlib.sha256(span.encode()).hexdigest()[:16]}-{flags}"
