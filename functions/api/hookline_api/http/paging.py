"""Pages of lists: where they end, and cursors, which say where the next begins."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence

from hookline.domain.documents import strict_json
from hookline.errors import FieldError, Rejected

MAX_PAGE_BYTES = 1024 * 1024
"""Pages end here or at their limit, whichever comes first."""

_MAC_BYTES = 16


class Cursors:
    """Opaque, and only valid for one list.

    Seals positions with HMAC-SHA256 under ``key``, together with the list they belong to.

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


def fitting[Item](
    found: Sequence[Item],
    json_of: Callable[[Item], dict[str, object]],
    position_of: Callable[[Item], str],
    position: str | None,
) -> tuple[list[dict[str, object]], str | None]:
    """The JSON of the items that fit one page, at least one, and where the next begins.

    ``position`` is where it begins after all of them.
    """
    shown: list[dict[str, object]] = []
    size = 0
    for index, item in enumerate(found):
        json = json_of(item)
        size += len(strict_json.dumps(json).encode())
        if shown and size > MAX_PAGE_BYTES:
            return shown, position_of(found[index - 1])
        shown.append(json)
    return shown, position
