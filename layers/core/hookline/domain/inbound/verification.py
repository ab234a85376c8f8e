"""Whether a call comes from who it says: judged on the pristine bytes, in constant time.

Everything fails closed: what is missing, malformed or unknown is a refusal with its reason, and no
reason tells what would have been right.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from hookline.domain.inbound.message import RETENTION, Call
from hookline.domain.inbound.signed_content import SignedContent

Algorithm = Literal["sha1", "sha256", "sha512"]
Encoding = Literal["hex", "base64"]
PresetName = Literal[
    "github", "gitlab", "stripe", "slack", "shopify", "standard-webhooks", "bitbucket", "jira"
]

_MAX_SIGNATURES = 16
"""Signatures looked at in one header. Senders send two while they rotate their secret."""


@dataclass(frozen=True, slots=True)
class Hmac:
    """A keyed digest of ``signed_content`` in a header, after ``prefix``.

    The header may hold several signatures, apart by spaces: one has to be right. With a
    ``tolerance`` the signed timestamp has to be that near to the arrival, before or after.
    """

    algorithm: Algorithm
    header: str
    prefix: str
    encoding: Encoding
    signed_content: SignedContent
    tolerance: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """The scheme of a well-known system, see `hookline.domain.inbound.presets`."""

    name: PresetName


@dataclass(frozen=True, slots=True)
class HeaderToken:
    """A shared token as the whole value of a header."""

    header: str


@dataclass(frozen=True, slots=True)
class QueryToken:
    """A shared token as a query parameter."""

    query: str


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP basic authentication (RFC 7617)."""

    username: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """Anybody may call."""


Verification = Preset | Hmac | HeaderToken | QueryToken | Basic | Unverified


@dataclass(frozen=True, slots=True)
class Replayable:
    """A signature that its timestamp is signed with: good once, to be remembered until ``until``.

    As long as the messages that came with it: what was refused is not to pass on a resubmit.
    """

    digest: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """The call is who it says; ``signature`` is what must not have been seen before."""

    signature: Replayable | None = None


@dataclass(frozen=True, slots=True)
class NotVerified:
    """The call is not to be trusted."""

    reason: str


def verify_hmac(scheme: Hmac, key: bytes, call: Call, now: datetime) -> Verified | NotVerified:
    """Judges a call by one HMAC scheme, as of ``now``, its time of arrival."""
    given = call.headers.get(scheme.header)
    if given is None:
        return NotVerified(f"the header {scheme.header} is missing")
    signed_at = None
    header = scheme.signed_content.timestamp_header
    if header is not None and scheme.tolerance is not None:
        signed_at = time_of(call.headers.get(header))
        if signed_at is None:
            return NotVerified(f"the header {header} is not a time in Unix seconds")
    content = scheme.signed_content.of(call)
    if content is None:
        return NotVerified("a header that is signed is missing")
    candidates = (
        decoded(text.removeprefix(scheme.prefix), scheme.encoding)
        # As a whole too: a prefix may hold a space, as in "HMAC …".
        for text in (given, *given.split()[:_MAX_SIGNATURES])
        if text.startswith(scheme.prefix)
    )
    return judge(
        hmac.digest(key, content, scheme.algorithm),
        [candidate for candidate in candidates if candidate is not None],
        signed_at,
        scheme.tolerance,
        now,
    )


def judge(
    expected: bytes,
    candidates: list[bytes],
    signed_at: datetime | None,
    tolerance: timedelta | None,
    now: datetime,
) -> Verified | NotVerified:
    """Compares signatures, then the time: a wrong signature learns nothing about the tolerance."""
    if not any(hmac.compare_digest(expected, candidate) for candidate in candidates):
        return NotVerified("the signature does not match")
    if signed_at is None or tolerance is None:
        return Verified()
    if abs(now - signed_at) > tolerance:
        return NotVerified(
            f"the signature's timestamp is more than {tolerance.total_seconds():.0f} s off"
        )
    # Of the right value, not of the header: that can be written in many ways.
    until = signed_at + tolerance + RETENTION
    return Verified(Replayable(hashlib.sha256(expected).hexdigest(), until))


def verify_token(given: str | None, token: str, where: str) -> Verified | NotVerified:
    """Compares a shared token with the one that came."""
    if given is None:
        return NotVerified(f"the {where} is missing")
    if not hmac.compare_digest(_digest(given), _digest(token)):
        return NotVerified(f"the {where} does not match")
    return Verified()


def verify_basic(scheme: Basic, password: str, call: Call) -> Verified | NotVerified:
    """Compares user name and password, both of them whatever the first says."""
    kind, _, credentials = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return NotVerified("basic authentication is missing")
    raw = decoded(credentials.strip(), "base64")
    expected = f"{scheme.username}:{password}"
    if raw is None or not hmac.compare_digest(hashlib.sha256(raw).digest(), _digest(expected)):
        return NotVerified("user name or password does not match")
    return Verified()


def time_of(text: str | None) -> datetime | None:
    """The instant of Unix seconds in ASCII digits; None for anything else."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 11):
        return None
    return _EPOCH + timedelta(seconds=int(text))


def decoded(text: str, encoding: Encoding) -> bytes | None:
    """The bytes of a signature as written, None when it is not written so."""
    try:
        return bytes.fromhex(text) if encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def _digest(text: str) -> bytes:
    # Equal lengths: compare_digest would tell the length of the secret otherwise.
    return hashlib.sha256(text.encode()).digest()


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
