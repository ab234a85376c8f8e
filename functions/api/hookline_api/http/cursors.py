"""Cursors: where the next page of a list begins. Opaque, and only valid for that list."""

from __future__ import annotations

import base64
import binascii
import hmac

from hookline.errors import FieldError, Rejected

_MAC_BYTES = 16


class Cursors:
    """Seals positions with HMAC-SHA256 under ``key``, together with the list they belong to.

    ``belongs_to`` identifies the list: its tenant, its path and its filters. A cursor of another
    tenant or query, or an edited one, is refused like any nonsense.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, position: str | None, *belongs_to: str) -> str | None:
        """The cursor that leads to ``position``; None at the end of the list."""
        if position is None:
            return None
        sealed = self._mac(position, belongs_to) + position.encode()
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, cursor: str | None, *belongs_to: str) -> str | None:
        """The position; None at the beginning. Raises Rejected for what `seal` did not make."""
        if cursor is None:
            return None
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
            position = sealed[_MAC_BYTES:].decode()
        except (binascii.Error, ValueError):
            raise _foreign() from None
        if not hmac.compare_digest(sealed[:_MAC_BYTES], self._mac(position, belongs_to)):
            raise _foreign()
        return position

    def _mac(self, position: str, belongs_to: tuple[str, ...]) -> bytes:
        # Lengths are included, so that no two different lists of parts read the same.
        parts = (position, *belongs_to)
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.digest(self._key, b"cursor/" + text.encode(), "sha256")[:_MAC_BYTES]


def _foreign() -> Rejected:
    return Rejected([FieldError("cursor", "is not a cursor of this list")])
