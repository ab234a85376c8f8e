"""API keys as text: ``hl_<key id>_<secret>``, checkable without a look-up.

The last six characters are a checksum of the rest, so that a mistyped or invented key costs no read
and secret scanners have almost no false alarms. `PATTERN` is what to scan for.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib
from dataclasses import dataclass, field

SECRET_BYTES = 32
"""256 random bits cannot be guessed from a dictionary, so a fast keyed hash is enough to store."""

ROOT_PREFIX = "hl_root_"
"""The prefix of the one key that the stack makes at deploy; its secret's value follows."""

PATTERN = r"hl_key_[0-9A-HJKMNP-TV-Z]{26}_[0-9A-Za-z]{49}"
"""Every key but the root key, for secret scanners; documented in docs/security.md."""

_KEY = re.compile(
    r"hl_(?P<id>key_[0-9A-HJKMNP-TV-Z]{26})_(?P<secret>[0-9A-Za-z]{43})[0-9A-Za-z]{6}"
)
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LENGTH = 43  # base 62 digits that hold 256 bits
_CHECKSUM_LENGTH = 6  # base 62 digits that hold the 32 bits of a CRC


@dataclass(frozen=True, slots=True)
class ParsedKey:
    """A well-formed key with the right checksum, which may never have been issued."""

    id: str
    secret: str = field(repr=False)


def issue(key_id: str, randomness: bytes) -> str:
    """The key's text, made of `SECRET_BYTES` random bytes; ``key_id`` is ``key_`` and a ULID.

    Raises ValueError for any other amount of randomness.
    """
    if len(randomness) != SECRET_BYTES:
        raise ValueError(f"a key takes {SECRET_BYTES} random bytes, not {len(randomness)}")
    body = f"hl_{key_id}_{_base62(int.from_bytes(randomness), _SECRET_LENGTH)}"
    return body + _checksum(body)


def parse(text: str) -> ParsedKey | None:
    """The parts of a key; None if the text cannot be one."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    body, checksum = text[:-_CHECKSUM_LENGTH], text[-_CHECKSUM_LENGTH:]
    if checksum != _checksum(body):  # no secret: it follows from the rest
        return None
    return ParsedKey(match["id"], match["secret"])


def digest(pepper: bytes, key: ParsedKey) -> str:
    """What is stored of a key: HMAC-SHA256 over id and secret, 64 hex digits.

    ``pepper`` is the stack's signing key: whoever can read only the table cannot check a guess. The
    id is part of it, so that a digest moved to another key's item opens nothing.
    """
    message = f"api-key:{key.id}:{key.secret}".encode()
    return hmac.new(pepper, message, hashlib.sha256).hexdigest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))
