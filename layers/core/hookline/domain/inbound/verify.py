"""A provider's verification: its document as users read it, and what it comes to."""

from __future__ import annotations

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
from hookline.domain.inbound.sources import Source, source_of
from hookline.domain.inbound.verification import Arrival, NotVerified, Verdict, Verified, verify

OVERRIDES = ("key", "username", "tolerance_seconds")
"""What users give of a preset's schemes."""


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
        """Those of which one has to pass."""
        if self.preset is None:
            return (scheme_of(self.document),)
        given = {name: self.document[name] for name in OVERRIDES if name in self.document}
        return self.preset.schemes_with(given)

    @property
    def refuses(self) -> bool:
        """Whether a call that does not verify is answered 401 instead of being passed on."""
        default = self.preset.on_mismatch if self.preset else "pass"
        return bool(self.document.get("on_mismatch", default) == "401")

    @property
    def is_open(self) -> bool:
        """Whether anybody may call."""
        return any(isinstance(each, Unverified) for each in self.schemes)

    @property
    def credentials(self) -> Sequence[Source]:
        """Where it takes a credential from that is good for more than one call."""
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
        """The headers that hold a signature, whatever they are called.

        They prove one body only, and are needed when the message is run again.
        """
        return frozenset(
            scheme.place.name
            for scheme in self.schemes
            if isinstance(scheme, Hmac | PublicKey) and scheme.place.kind == "header"
        )

    def judge(
        self, secrets: Sequence[str], arrival: Arrival, *, trusted: bool | None = None
    ) -> Verdict:
        """Judges a call: one scheme has to pass, and what is expected has to stand in it.

        ``trusted`` is for a call whose credentials were not kept: whether they had passed. Raises
        Unavailable where a key has to be fetched and cannot be.
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
        # What came and is wrong tells more than what other schemes miss.
        return next((each for each in refusals if "is missing" not in each.reason), refusals[0])

    def _unexpected(self, call: Call) -> NotVerified | None:
        expect: Mapping[str, str] = self.document.get("expect") or {}
        for place, text in expect.items():
            found = source_of(place).every(call)
            if not found or any(each != text for each in found):
                return NotVerified(f"{place} is not what is expected")
        return None


_NOT_KEPT = NotVerified("it had not passed here when it came, and its credentials are not kept")
