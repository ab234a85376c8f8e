"""A provider's verification: the document that users write, and how calls are judged by it.

A call is judged on the bytes that came, in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hookline.domain.inbound.message import Call
from hookline.domain.inbound.presets import Preset, preset
from hookline.domain.inbound.schemes import (
    Basic,
    Hmac,
    Jwt,
    PublicKey,
    Scheme,
    Token,
    Unverified,
    scheme_of,
)
from hookline.domain.inbound.signatures import (
    Arrival,
    NotVerified,
    Verdict,
    Verified,
    decoded,
    judged,
    key_of,
    signed,
)
from hookline.domain.inbound.sources import Source, source_of

OVERRIDES = ("key", "username", "tolerance_seconds")
"""What users may set in a preset's schemes."""


@dataclass(frozen=True)
class Verify:
    """``document`` is as users write it, secrets masked; ``type`` names a form or a preset."""

    document: Mapping[str, Any] = field(default_factory=lambda: {"type": "none"})

    @cached_property
    def preset(self) -> Preset | None:
        """The data file behind it, if it is a preset."""
        return preset(self.document["type"])

    @cached_property
    def schemes(self) -> tuple[Scheme, ...]:
        """The schemes; one has to pass."""
        if self.preset is None:
            return (scheme_of(self.document),)
        given = {name: self.document[name] for name in OVERRIDES if name in self.document}
        return self.preset.schemes_with(given)

    @property
    def refuses(self) -> bool:
        """Whether a call that does not verify is answered 401 rather than passed on."""
        default = self.preset.on_mismatch if self.preset else "pass"
        return bool(self.document.get("on_mismatch", default) == "401")

    @property
    def is_open(self) -> bool:
        """Whether anybody may call."""
        return any(isinstance(each, Unverified) for each in self.schemes)

    @property
    def credentials(self) -> Sequence[Source]:
        """The places of credentials that are valid for more than one call."""
        places: list[Source] = []
        for scheme in self.schemes:
            match scheme:
                case Token(place):
                    places.append(place)
                case Jwt(header=header):
                    places.append(Source("header", header))
                case Basic():
                    places.append(Source("header", "authorization"))
                case _:
                    pass
        return places

    @property
    def signature_headers(self) -> frozenset[str]:
        """The headers that hold signatures.

        Each proves one body only, and is needed when the message is run again.
        """
        return frozenset(
            scheme.place.name
            for scheme in self.schemes
            if isinstance(scheme, Hmac | PublicKey) and scheme.place.kind == "header"
        )

    def judge(
        self, secrets: Sequence[str], arrival: Arrival, *, trusted: bool | None = None
    ) -> Verdict:
        """Judges a call: one scheme has to pass, and the call has to say what is expected.

        ``trusted`` is for a call whose credentials were not stored: whether they had passed. Raises
        Unavailable if a key cannot be fetched now.
        """
        refusals: list[NotVerified] = []
        for scheme in self.schemes:
            if trusted is not None and isinstance(scheme, Token | Jwt | Basic):
                verdict: Verdict = Verified() if trusted else _NOT_KEPT
            else:
                verdict = verify(scheme, secrets, arrival)
            if isinstance(verdict, Verified):
                return self._unexpected(arrival.call) or verdict
            refusals.append(verdict)
        # What is wrong says more than what is missing for other schemes.
        return next((each for each in refusals if "is missing" not in each.reason), refusals[0])

    def _unexpected(self, call: Call) -> NotVerified | None:
        expect: Mapping[str, str] = self.document.get("expect") or {}
        for place, text in expect.items():
            found = source_of(place).every(call)
            if not found or any(each != text for each in found):
                return NotVerified(f"{place} is not what is expected")
        return None


_NOT_KEPT = NotVerified("it had not passed here when it came, and its credentials are not kept")


def verify(scheme: Scheme, secrets: Sequence[str], arrival: Arrival) -> Verdict:
    """Judges a call by one scheme; any of the ``secrets``, in clear, will do.

    Raises Unavailable if a key cannot be fetched now.
    """
    match scheme:
        case Unverified():
            return Verified()
        case PublicKey() | Jwt():
            # Imported when needed: cryptography is slow to load, and few providers use it.
            from hookline.domain.inbound import public_keys  # noqa: PLC0415

            if isinstance(scheme, Jwt):
                return public_keys.verify_jwt(scheme, arrival)
            return public_keys.verify_signature(scheme, secrets, arrival)
        case _ if not any(secrets):
            return NotVerified("the provider has no secret")
        case Hmac():
            return _verify_hmac(scheme, secrets, arrival)
        case Token():
            return _verify_token(scheme, secrets, arrival.call)
        case Basic():
            return _verify_basic(scheme, secrets, arrival.call)


def _verify_hmac(scheme: Hmac, secrets: Sequence[str], arrival: Arrival) -> Verdict:
    found = signed(scheme, arrival)
    if isinstance(found, NotVerified):
        return found
    keys = [key for each in secrets if (key := key_of(each, scheme.key_encoding)) is not None]
    if not keys:
        return NotVerified(f"the provider's secret is not {scheme.key_encoding}")
    right: bytes | None = None
    for key in keys:
        expected = hmac.digest(key, found.content, scheme.algorithm)
        for candidate in found.candidates:
            if hmac.compare_digest(expected, candidate):
                right = expected
    if right is None:
        return NotVerified("the signature does not match")
    return judged(scheme, found, right, arrival)


def _verify_token(scheme: Token, secrets: Sequence[str], call: Call) -> Verdict:
    where = f"{scheme.place.kind} {scheme.place.name}"
    given = scheme.place.every(call)
    if not given or (scheme.place.kind != "body" and len(given) > 1):
        return NotVerified(f"the {where} is missing")
    rights = [_digest(each) for each in secrets]
    texts = [_digest(each.removeprefix(scheme.prefix)) for each in given]
    matches = [_is_one_of(text, rights) for text in texts]
    if not all(matches) or not all(each.startswith(scheme.prefix) for each in given):
        return NotVerified(f"the {where} does not match")
    return Verified()


def _verify_basic(scheme: Basic, secrets: Sequence[str], call: Call) -> Verdict:
    """Compares both user name and password, whatever the first one's result."""
    kind, _, credentials = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return NotVerified("basic authentication is missing")
    raw = decoded(credentials.strip(), "base64")
    rights = [_digest(f"{scheme.username}:{each}") for each in secrets]
    given = hashlib.sha256(raw or b"").digest()
    if raw is None or not _is_one_of(given, rights):
        return NotVerified("user name or password does not match")
    return Verified()


def _is_one_of(given: bytes, rights: Sequence[bytes]) -> bool:
    found = False
    for right in rights:  # all of them: how long it takes must not tell which one it was
        found = hmac.compare_digest(given, right) or found
    return found


def _digest(text: str) -> bytes:
    # Equal lengths: compare_digest would tell the length of the secret otherwise.
    return hashlib.sha256(text.encode()).digest()
