"""Pages end at their limit or at 1 MiB, whichever comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hookline.domain.documents import strict_json

MAX_PAGE_BYTES = 1024 * 1024


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
