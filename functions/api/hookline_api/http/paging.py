"""Pages of lists: where they end, and cursors, which say where the next begins."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hookline.domain.documents import strict_json
from hookline.errors import FieldError, Rejected
from hookline_api.http.call import Reply, json_reply
from hookline_api.http.queries import PageQuery

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

    def page(self, query: PageQuery, *belongs_to: str) -> Page:
        """The page that is asked for. Raises Rejected for a cursor that `seal` did not make."""
        belongs_to = (*belongs_to, *query.names())
        return Page(self, self.open(query.cursor, *belongs_to), belongs_to)

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


@dataclass(frozen=True, slots=True)
class Page:
    """One page of one list: where it begins, and the answer that tells where the next does."""

    cursors: Cursors
    position: str | None
    belongs_to: tuple[str, ...]

    def at[Place](self, kind: Callable[[str], Place]) -> Place | None:
        """Where it begins; None at the beginning of the list."""
        return None if self.position is None else kind(self.position)

    def reply[Item](
        self,
        found: Sequence[Item],
        json_of: Callable[[Item], Mapping[str, object]],
        goes_on: str | None,
        position_of: Callable[[Item], str] | None = None,
        **more: object,
    ) -> Reply:
        """The items, and a cursor to where the next page begins: ``goes_on`` after all of them.

        Those that may be large have a position each: as many are shown as fit, and one at least.
        """
        items: list[Mapping[str, object]] = []
        size = 0
        for index, item in enumerate(found):
            json = json_of(item)
            if position_of is not None:
                size += len(strict_json.dumps(json).encode())
                if items and size > MAX_PAGE_BYTES:
                    goes_on = position_of(found[index - 1])
                    break
            items.append(json)
        next_cursor = self.cursors.seal(goes_on, *self.belongs_to)
        return json_reply({"items": items, "next_cursor": next_cursor, **more})
