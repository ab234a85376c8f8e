"""HTTP headers: which ones users may set, media types (RFC 9110), traces (W3C Trace Context), hops.

https://www.w3.org/TR/trace-context/#traceparent-header
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

MAX_HEADER_CHARACTERS = 40_480
"""Names and values of one webhook together (reference row IZ-1)."""

# RFC 9110, 5.6.2: a token. requests and http.client let much more through, NUL included.
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# RFC 9110, 5.5, without its obsolete parts: visible characters with spaces only between them.
_VALUE = re.compile(r"(?:[!-~](?:[ -~]*[!-~])?)?")

# Framing and the connection belong to the HTTP client; a user who could set them could smuggle a
# second request (RFC 9112, 11.2) or address another virtual host.
_OWNED = frozenset(
    {
        "host",
        "content-length",
        "connection",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "keep-alive",
    }
)
_OWNED_PREFIXES = ("proxy-", "webhook-", "hookline-")

METADATA_SUFFIXES = (
    "Event-Id",
    "Event",
    "Id",
    "Delivery-Id",
    "Attempt",
    "Entity-Id",
    "Entity-Url",
    "Test",
    "Signature",
    "Signature-256",
)
"""The suffixes, after the stack's prefix (default ``X-Hookline``), of the headers that we add."""

_SECRET_WORDS = frozenset(
    {"auth", "key", "keys", "pass", "pin", "pwd", "otp", "sig", "sid", "jwt", "bearer", "session"}
)
_SECRET_PARTS = (
    "accesskey",
    "apikey",
    "authentic",
    "authoriz",
    "authoris",
    "cookie",
    "credential",
    "passphrase",
    "passw",
    "secret",
    "sessionid",
    "signature",
    "token",
)


def header_problems(
    headers: Mapping[str, str], *, metadata_prefix: str = "X-Hookline"
) -> dict[str, str]:
    """What is wrong with a webhook's headers: a reason by each header's name.

    A reason under the empty name is about all of them together. No reason repeats a value, which
    may be secret.
    """
    problems: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in headers.items():
        problem = _problem(name, value, metadata_prefix)
        if problem is None and name.lower() in seen:
            problem = "is there twice: names differ in more than upper and lower case"
        if problem is not None:
            problems[name] = problem
        seen.add(name.lower())
    total = sum(len(name) + len(value) for name, value in headers.items())
    if total > MAX_HEADER_CHARACTERS:
        problems[""] = (
            f"names and values together must not exceed {MAX_HEADER_CHARACTERS:,} characters"
        )
    return problems


def _problem(name: str, value: str, metadata_prefix: str) -> str | None:
    if not is_field_name(name):
        return "is not a header name (RFC 9110): letters, digits and !#$%&'*+-.^_`|~"
    if is_platform_owned(name, metadata_prefix):
        return "is set by the platform"
    if not is_field_value(value):
        return "must be printable ASCII without spaces at its ends"
    return None


def is_field_name(name: str) -> bool:
    """Whether this is a header name by RFC 9110, section 5.1."""
    return _NAME.fullmatch(name) is not None


def is_field_value(value: str) -> bool:
    """Whether this is printable ASCII without line breaks or outer blanks."""
    return _VALUE.fullmatch(value) is not None


def is_framing(name: str) -> bool:
    """Whether only the HTTP client may set the header, no part of a call."""
    return name.lower() in _OWNED


def is_platform_owned(name: str, metadata_prefix: str = "X-Hookline") -> bool:
    """Whether users may not set this header because the platform does."""
    lower = name.lower()
    if lower in _OWNED or lower.startswith(_OWNED_PREFIXES):
        return True
    prefix = f"{metadata_prefix.lower()}-"
    return lower.startswith(prefix) and lower.removeprefix(prefix) in _METADATA_LOWER


_METADATA_LOWER = frozenset(suffix.lower() for suffix in METADATA_SUFFIXES)


def is_sensitive(name: str) -> bool:
    """Whether the header's value is treated as a secret, by the header's name.

    Errs on the side of hiding: ``Idempotency-Key`` counts as a secret, ``X-Author`` does not.
    """
    lower = name.lower()
    if any(part in lower.replace("-", "").replace("_", "") for part in _SECRET_PARTS):
        return True
    return not _SECRET_WORDS.isdisjoint(re.split(r"[^a-z0-9]+", lower))


JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

# A quoted value is skipped as a whole, closed or not, in time linear in the text.
_PARAMETER = re.compile(r';\s*([^\s=;"]+)=(?:"((?:[^"\\]++|\\.)*+)"?|([^;]*))')


def media_type(content_type: str) -> str:
    """The type without its parameters, in lower case: ``text/html`` of ``Text/HTML; charset=x``."""
    return content_type.partition(";")[0].strip().lower()


def media_parameter(value: str, name: str) -> str | None:
    """One parameter of a Content-Type or Content-Disposition, unquoted; None without it."""
    for match in _PARAMETER.finditer(value):
        if match[1].lower() == name:
            quoted = match[2]
            return match[3].strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return None


# Later versions may append fields, which must not be passed on (section 3.2.4).
_TRACEPARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace_id>[0-9a-f]{32})-(?P<parent_id>[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_LONGEST_TRACEPARENT = 512


def read_traceparent(header: str | None) -> str | None:
    """The header in the form of version 00; None if absent or invalid."""
    if header is None or len(header) > _LONGEST_TRACEPARENT:
        return None
    match = _TRACEPARENT.fullmatch(header.strip())
    if match is None or match["version"] == "ff" or (match["version"] == "00" and match["more"]):
        return None
    if not int(match["trace_id"], 16) or not int(match["parent_id"], 16):
        return None
    return f"00-{match['trace_id']}-{match['parent_id']}-{match['flags']}"


def trace_id(traceparent: str | None) -> str | None:
    """The id that all spans of the trace share, from the result of `read_traceparent`."""
    return None if traceparent is None else traceparent.split("-")[1]


def child_of(traceparent: str, span: str) -> str:
    """The same trace with the span of this name as parent: one name always gives the same span."""
    _, of_all, _, flags = traceparent.split("-")
    return f"00-{of_all}-{hashlib.sha256(span.encode()).hexdigest()[:16]}-{flags}"


HOPS_HEADER = "Hookline-Hops"
"""The header of a delivery that says how often what it carries came in before."""

MAX_HOPS = 8
"""How often the result of a call may come in again as a call before that counts as a loop."""

_OF_A_DELIVERY = "webhook-id"
_MOST_DIGITS = 4


def hops_told(headers: Mapping[str, str]) -> int:
    """What a call says of itself, by its headers in lower case; 0 where somebody made it up."""
    text = headers.get(HOPS_HEADER.lower(), "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS else 0


def hops_published(headers: Mapping[str, str]) -> int:
    """Those of an event that a call of the API publishes.

    A webhook may call the API, with a key among its headers. Its first delivery tells of no hops,
    but has the header that every delivery has.
    """
    known = headers.keys() & {HOPS_HEADER.lower(), _OF_A_DELIVERY}
    return hops_told(headers) + 1 if known else 0
