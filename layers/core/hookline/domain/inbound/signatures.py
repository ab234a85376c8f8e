"""Reads the signature of a call: what was signed, when, and which signatures are given.

Everything fails closed: what is missing, malformed or unknown is refused with its reason, and no
reason says what would have been right.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from hookline.domain.inbound.message import RETENTION, Call
from hookline.domain.inbound.schemes import Encoding, KeyEncoding, Signature, Timestamp
from hookline.domain.inbound.signed_content import Known
from hookline.domain.net.header_rules import FORM, media_type
from hookline.domain.times import from_iso


class Fetch(Protocol):
    """Fetches published keys and certificates; in production `FetchedDocuments`."""

    def __call__(self, url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
        """The document at an https url, on one of these hosts (on any, without).

        A kept one may be an hour old, with ``anew`` a minute. Raises `hookline.errors.Unavailable`
        if it may come later, and Refused if it will not, such as for a url that may not be called.
        """
        ...


_MAX_SIGNATURES = 16
"""Signatures checked in one call. Senders send two while they rotate their secret."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Replayable:
    """A signature over a timestamp: valid once, to be remembered until ``until``.

    As long as the messages themselves: what was refused must not pass on a resubmit.
    """

    digest: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """The call is authentic; ``signature`` must not have been seen before."""

    signature: Replayable | None = None


@dataclass(frozen=True, slots=True)
class NotVerified:
    """The call is not to be trusted."""

    reason: str


Verdict = Verified | NotVerified


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call, when it arrived, and how to fetch keys."""

    call: Call
    at: datetime
    fetch: Fetch


@dataclass(frozen=True, slots=True)
class Signed:
    """A call's signature: the bytes that are signed, and the signatures given."""

    content: bytes
    candidates: tuple[bytes, ...]
    at: datetime | None


def signed(scheme: Signature, arrival: Arrival, secret: str = "") -> Signed | NotVerified:
    """Reads the signature of a call by a scheme."""
    call = arrival.call
    given = _given(scheme, call)
    if not given:
        return NotVerified(f"the {_where(scheme)} is missing")
    pairs = _pairs(scheme, given)
    text, at = None, None
    if scheme.timestamp is not None:
        text = scheme.timestamp.source.of(call, pairs)
        at = time_of(text, scheme.timestamp)
        if text is None or at is None:
            return NotVerified(
                f"the {scheme.timestamp.source.kind} {scheme.timestamp.source.name} is not a time"
                f" in {_UNITS[scheme.timestamp.unit]}"
            )
    wrong = _body_digest_is_wrong(scheme, call)
    if wrong:
        return NotVerified("the digest of the body does not match")
    name = scheme.id.of(call, pairs) if scheme.id else None
    content = scheme.content.of(call, Known(text, name, secret))
    if content is None:
        return NotVerified("a part of the call that is signed is missing")
    return Signed(content, _candidates(scheme, given), at)


def judged(scheme: Signature, found: Signed, digest: bytes, arrival: Arrival) -> Verdict:
    """The verdict on a call with a right signature.

    Its time is judged last, so that a forger learns nothing about it.
    """
    if scheme.timestamp is None or found.at is None:
        return Verified()
    tolerance = scheme.timestamp.tolerance
    if abs(arrival.at - found.at) > tolerance:
        seconds = tolerance.total_seconds()
        return NotVerified(f"the signature's timestamp is more than {seconds:.0f} s off")
    # Of the value, not the header: that can be written in many ways.
    until = found.at + tolerance + RETENTION
    return Verified(Replayable(hashlib.sha256(digest).hexdigest(), until))


def key_of(secret: str, encoding: KeyEncoding) -> bytes | None:
    """The key in a secret; None if it is empty or written in another way."""
    if encoding == "text":
        return secret.encode() or None
    if encoding == "whsec":
        return decoded(secret.removeprefix("whsec_"), "base64") or None
    return decoded(secret, encoding) or None


def decoded(text: str, encoding: Encoding) -> bytes | None:
    """The bytes of a written signature; None if it is written in another way."""
    try:
        if encoding == "hex":
            return bytes.fromhex(text)
        if encoding == "base64":
            return base64.b64decode(text, validate=True)
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None


def time_of(text: str | None, timestamp: Timestamp) -> datetime | None:
    """The instant of a timestamp's text; None for anything else."""
    if text is None:
        return None
    if timestamp.unit == "iso":
        try:
            return from_iso(text)
        except ValueError:
            return None
    digits = 11 if timestamp.unit == "s" else 14
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        return None
    number = int(text)
    return _EPOCH + timedelta(**{"seconds" if timestamp.unit == "s" else "milliseconds": number})


_UNITS = {"s": "Unix seconds", "ms": "Unix milliseconds", "iso": "ISO 8601"}


def _given(scheme: Signature, call: Call) -> tuple[str, ...]:
    if scheme.place.kind == "header" and scheme.place.name.endswith("*"):
        beginning = scheme.place.name[:-1]
        return tuple(value for name, value in call.headers.items() if name.startswith(beginning))
    return scheme.place.every(call)


def _where(scheme: Signature) -> str:
    kinds = {"header": "header", "query": "query parameter", "body": "field"}
    return f"{kinds[scheme.place.kind]} {scheme.place.name}"


def _pairs(scheme: Signature, given: Sequence[str]) -> Mapping[str, str]:
    """The names that occur once in a header of pairs, with their values."""
    if scheme.layout != "pairs":
        return {}
    items = [item.strip().partition("=") for text in given for item in _split(scheme, text)]
    names = [name for name, _, _ in items]
    return {name: value for name, _, value in items if names.count(name) == 1}


def _split(scheme: Signature, text: str) -> list[str]:
    delimiter = scheme.delimiter or ("," if scheme.layout == "pairs" else None)
    return text.split(delimiter)[: 2 * _MAX_SIGNATURES]


def _candidates(scheme: Signature, given: Sequence[str]) -> tuple[bytes, ...]:
    prefix = scheme.prefix
    if scheme.layout == "pairs" and not prefix.endswith("="):
        prefix += "="
    # Also as a whole: a prefix may contain a space, as in "HMAC …".
    texts = [
        each.strip() for text in given[:_MAX_SIGNATURES] for each in (text, *_split(scheme, text))
    ]
    found = [
        decoded(text.removeprefix(prefix).strip('"'), scheme.encoding)
        for text in texts
        if text.startswith(prefix)
    ]
    return tuple(each for each in found if each)[: 2 * _MAX_SIGNATURES]


def _body_digest_is_wrong(scheme: Signature, call: Call) -> bool:
    """A digest in place of the body is required unless the body is signed as a form."""
    if scheme.body_digest is None:
        return False
    given = scheme.body_digest.of(call)
    if given is None:
        return bool(call.body) and media_type(call.content_type) != FORM
    digest = hashlib.sha256(call.body).hexdigest()
    return not hmac.compare_digest(given.lower().encode(), digest.encode())
