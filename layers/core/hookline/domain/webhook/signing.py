"""Signing secrets and signatures: Standard Webhooks v1 and v1a, and plain HMACs (row ET-8).

The words of a described HMAC are those of inbound ``verify``.

Source of the first: https://github.com/standard-webhooks/standard-webhooks (specification v1.0.0).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Algorithm = Literal["sha1", "sha256", "sha512"]
Encoding = Literal["hex", "base64", "base64url"]
SchemeName = Literal["standard", "standard-ed25519", "hmac-sha256", "hmac-sha1"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = ("timestamp", "id", "body", "url", "method")

_BODY = "{body}"

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every symmetric secret begins, not a secret
PRIVATE_PREFIX = "whsk_"
PUBLIC_PREFIX = "whpk_"

SECRET_BYTES = 32
"""Random bytes in a secret made here."""

DEFAULT_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)
"""How long the previous signing secret keeps signing after a rotation (product rule)."""

_MIN_BYTES = 24
_MAX_BYTES = 64
_SEED_BYTES = 32
_KEY_PAIR_BYTES = 64
"""A seed followed by its public key, as in libsodium: the seed alone will do."""

_STANDARD: tuple[Signature, ...] = ("standard",)

_MIN_TEXT = 8
_MAX_TEXT = 512


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
        """The bytes that are signed, given the values of the placeholders."""
        if self.signed_content == _BODY:
            return parts["body"]
        pieces = _PLACEHOLDER.split(self.signed_content)
        return b"".join(
            parts[piece] if number % 2 else piece.encode() for number, piece in enumerate(pieces)
        )

    def as_plain(self) -> dict[str, Any]:
        """As JSON, to be stored and shown."""
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
    """The reverse of `as_plain`, also for a format's data file; names stand for themselves."""
    if not isinstance(plain, Mapping):
        scheme: SchemeName = plain
        return scheme
    return HmacSignature(**{name: plain[name] for name in plain if name != "type"})


def plain_of(signature: Signature) -> object:
    """A signature as JSON, to be stored and shown."""
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
    """The headers of the described signatures."""
    return tuple(each.header for each in signatures if isinstance(each, HmacSignature))


def new_secret(random_bytes: bytes) -> str:
    """``whsec_`` and the base64 of the given random bytes: 24 to 64 of them, else ValueError."""
    if not _MIN_BYTES <= len(random_bytes) <= _MAX_BYTES:
        raise ValueError(f"a signing secret is made of {_MIN_BYTES} to {_MAX_BYTES} random bytes")
    return SECRET_PREFIX + base64.b64encode(random_bytes).decode("ascii")


def secret_for(schemes: Collection[Signature], fresh: str) -> str:
    """``fresh``, a result of `new_secret`, in the form these schemes need."""
    if not fresh or "standard-ed25519" not in schemes:
        return fresh
    seed = _key_of(fresh)[:_SEED_BYTES]
    return PRIVATE_PREFIX + base64.b64encode(seed + _public_bytes(_private_key(seed))).decode()


def validate_secret(secret: str, schemes: Collection[Signature] = _STANDARD) -> str | None:
    """What is wrong with a signing secret, without quoting it; None for a good one."""
    if "standard-ed25519" in schemes:
        return _private_problem(secret)
    if "standard" in schemes:
        return _standard_problem(secret)
    if not _MIN_TEXT <= len(secret) <= _MAX_TEXT or not secret.isprintable():
        return f"must be {_MIN_TEXT} to {_MAX_TEXT} printable characters"
    return None


def public_key_of(secret: str, schemes: Collection[Signature]) -> str | None:
    """``whpk_…``, by which receivers verify ``standard-ed25519``; None without that scheme."""
    if "standard-ed25519" not in schemes:
        return None
    public = _public_bytes(_private_key(_key_of(secret)[:_SEED_BYTES]))
    return PUBLIC_PREFIX + base64.b64encode(public).decode("ascii")


def standard_signature(
    secrets: Sequence[str], message_id: str, sent_at: datetime, body: bytes
) -> str:
    """The ``webhook-signature`` header: ``v1,<base64>`` for each secret, in their order."""
    content = _standard_content(message_id, sent_at, body)
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(_key_of(secret), content, hashlib.sha256)).decode()
        for secret in secrets
    )


def ed25519_signature(
    secrets: Sequence[str], message_id: str, sent_at: datetime, body: bytes
) -> str:
    """The same header with ``v1a,<base64>``: signed with private keys (``whsk_…``)."""
    content = _standard_content(message_id, sent_at, body)
    return " ".join(
        "v1a,"
        + base64.b64encode(_private_key(_key_of(secret)[:_SEED_BYTES]).sign(content)).decode()
        for secret in secrets
    )


def hmac_signature(
    secret: str, content: bytes, algorithm: Algorithm, encoding: Encoding = "hex"
) -> str:
    """An HMAC in lower-case hex or base64, keyed with the secret's text as it is shown.

    SHA-1 is for receivers that check nothing else; as an HMAC it is not known to be broken.
    """
    digest = hmac.digest(secret.encode(), content, algorithm)
    if encoding == "hex":
        return digest.hex()
    encode = base64.b64encode if encoding == "base64" else base64.urlsafe_b64encode
    return encode(digest).decode("ascii")


def timestamp_of(sent_at: datetime) -> int:
    """The ``webhook-timestamp`` header's whole seconds since 1970."""
    return int(sent_at.timestamp())


def _standard_content(message_id: str, sent_at: datetime, body: bytes) -> bytes:
    return b".".join((message_id.encode(), str(timestamp_of(sent_at)).encode(), body))


def _standard_problem(secret: str) -> str | None:
    if not secret.startswith(SECRET_PREFIX):
        return f"must begin with {SECRET_PREFIX}"
    try:
        key = _key_of(secret)
    except (binascii.Error, ValueError):
        return f"must be {SECRET_PREFIX} and base64 with its padding"
    if not _MIN_BYTES <= len(key) <= _MAX_BYTES:
        return f"must hold {_MIN_BYTES} to {_MAX_BYTES} bytes, not {len(key)}"
    return None


def _private_problem(secret: str) -> str | None:
    if not secret.startswith(PRIVATE_PREFIX):
        return f"must begin with {PRIVATE_PREFIX}: standard-ed25519 signs with a private key"
    try:
        key = _key_of(secret)
    except (binascii.Error, ValueError):
        return f"must be {PRIVATE_PREFIX} and base64 with its padding"
    if len(key) not in (_SEED_BYTES, _KEY_PAIR_BYTES):
        return f"must hold {_SEED_BYTES} or {_KEY_PAIR_BYTES} bytes, not {len(key)}"
    seed, public = key[:_SEED_BYTES], key[_SEED_BYTES:]
    if public and public != _public_bytes(_private_key(seed)):
        return "must hold a seed and the public key that belongs to it"
    return None


def _private_key(seed: bytes) -> Ed25519PrivateKey:
    # 20 ms to import: only webhooks that sign with it pay for it.
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def _public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def _key_of(secret: str) -> bytes:
    return base64.b64decode(secret.partition("_")[2], validate=True)
