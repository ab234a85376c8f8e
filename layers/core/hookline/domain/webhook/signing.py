"""Signing secrets and signatures: Standard Webhooks v1, and plain HMACs in hex (row ET-8).

Source of the first: https://github.com/standard-webhooks/standard-webhooks (specification v1.0.0).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every signing secret begins, not a secret
SECRET_BYTES = 32
"""Random bytes in a secret made here."""

DEFAULT_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)
"""How long the signing secret before a rotation signs too (product rule)."""

_MIN_BYTES = 24
_MAX_BYTES = 64


def new_secret(random_bytes: bytes) -> str:
    """``whsec_`` and the base64 of the given random bytes: 24 to 64 of them, else ValueError."""
    if not _MIN_BYTES <= len(random_bytes) <= _MAX_BYTES:
        raise ValueError(f"a signing secret is made of {_MIN_BYTES} to {_MAX_BYTES} random bytes")
    return SECRET_PREFIX + base64.b64encode(random_bytes).decode("ascii")


def validate_secret(secret: str) -> str | None:
    """What is wrong with a signing secret, without quoting it; None for a good one."""
    if not secret.startswith(SECRET_PREFIX):
        return f"must begin with {SECRET_PREFIX}"
    try:
        key = _key_of(secret)
    except (binascii.Error, ValueError):
        return f"must be {SECRET_PREFIX} and base64 with its padding"
    if not _MIN_BYTES <= len(key) <= _MAX_BYTES:
        return f"must hold {_MIN_BYTES} to {_MAX_BYTES} bytes, not {len(key)}"
    return None


def standard_signature(
    secrets: Sequence[str], message_id: str, sent_at: datetime, body: bytes
) -> str:
    """The ``webhook-signature`` header: ``v1,<base64>`` for each secret, in their order."""
    content = b".".join((message_id.encode(), str(timestamp_of(sent_at)).encode(), body))
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(_key_of(secret), content, hashlib.sha256)).decode()
        for secret in secrets
    )


def hex_signature(secret: str, body: bytes, algorithm: Literal["sha256", "sha1"]) -> str:
    """The HMAC of the body in lower-case hex, keyed with the secret's text just as it is shown.

    SHA-1 is there for receivers that check nothing else; as an HMAC it is not known to be broken.
    """
    return hmac.digest(secret.encode(), body, algorithm).hex()


def timestamp_of(sent_at: datetime) -> int:
    """The ``webhook-timestamp`` header's whole seconds since 1970."""
    return int(sent_at.timestamp())


def _key_of(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
