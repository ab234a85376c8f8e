"""How a webhook's calls are signed: by a scheme's name, or as an HMAC that is described.

The words are those of inbound ``verify``, so that any receiver in the field can go on verifying.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Algorithm = Literal["sha1", "sha256", "sha512"]
Encoding = Literal["hex", "base64", "base64url"]
SchemeName = Literal["standard", "standard-ed25519", "hmac-sha256", "hmac-sha1"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = ("timestamp", "id", "body", "url", "method")

_BODY = "{body}"


@dataclass(frozen=True, slots=True)
class HmacSignature:
    """An HMAC in a header of its own, keyed with the secret's text as it is shown.

    ``signed_content`` is text around ``{body}``, ``{timestamp}`` (Unix seconds, as in
    ``webhook-timestamp``), ``{id}`` (the event's), ``{url}`` and ``{method}``.
    """

    algorithm: Algorithm
    header: str
    prefix: str = ""
    encoding: Encoding = "hex"
    signed_content: str = _BODY

    def content(self, parts: Mapping[str, bytes]) -> bytes:
        """The bytes that are signed, given what each placeholder stands for."""
        if self.signed_content == _BODY:
            return parts["body"]
        pieces = _PLACEHOLDER.split(self.signed_content)
        return b"".join(
            parts[piece] if number % 2 else piece.encode() for number, piece in enumerate(pieces)
        )

    def as_plain(self) -> dict[str, Any]:
        """As it is written, stored and shown."""
        return {
            "type": "hmac",
            "algorithm": self.algorithm,
            "header": self.header,
            "prefix": self.prefix,
            "encoding": self.encoding,
            "signed_content": self.signed_content,
        }


Signature = SchemeName | HmacSignature


def signature_of(plain: Any) -> Signature:
    """The signature that `as_plain` wrote, or a format's data file; a name stands for itself."""
    if not isinstance(plain, Mapping):
        scheme: SchemeName = plain
        return scheme
    return HmacSignature(**{name: plain[name] for name in plain if name != "type"})


def plain_of(signature: Signature) -> object:
    """A signature as it is stored and shown."""
    return signature.as_plain() if isinstance(signature, HmacSignature) else signature


def content_problem(text: str) -> str | None:
    """What is wrong with a ``signed_content``; None for a good one."""
    inside = _PLACEHOLDER.findall(text)
    for name in inside:
        if name not in _PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in _PLACEHOLDERS)
            return f"contains {{{name}}}; there are {known}"
    if "body" not in inside:
        return "must contain {body}: what is not signed could be anybody's"
    return None


def headers_of(signatures: Sequence[Signature]) -> tuple[str, ...]:
    """The headers that described signatures come in."""
    return tuple(each.header for each in signatures if isinstance(each, HmacSignature))
