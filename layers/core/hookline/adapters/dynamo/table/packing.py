"""Texts that are stored compressed, where that saves a unit of what writing the item costs.

A text's attribute is binary then, in gzip's format: docs/operations.md has the line that reads it.
Whoever reads the item finds the text, whichever way it is stored.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any, Self

UNIT = 1_024
"""Bytes of an item that one unit writes.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""

_SHORTEST = 100
"""Characters of a text that is worth a try: gzip's own frame is 18 bytes."""

_LARGEST = 2 * 1024 * 1024
"""Bytes that an unpacked text may have: five times what an item holds."""

_LEVEL = 6

type Path = tuple[str | int, ...]


class Packed(str):
    """A text, equal to any other that reads the same, with the bytes it is stored in."""

    __slots__ = ("content",)

    content: bytes

    def __new__(cls, text: str) -> Self:
        """Compressed at once. Raises UnicodeEncodeError for what no UTF-8 can say."""
        made = super().__new__(cls, text)
        made.content = gzip.compress(text.encode(), _LEVEL, mtime=0)
        return made


def unpacked(content: bytes) -> str:
    """The text in it. Raises ValueError for what `Packed` never made."""
    reader = zlib.decompressobj(wbits=31)
    try:
        text = reader.decompress(content, _LARGEST)
    except zlib.error as error:
        raise ValueError(f"not a packed text: {error}") from error
    if not reader.eof or reader.unused_data:
        raise ValueError("not a packed text: it ends too soon or too late")
    return text.decode()


def packed(item: Mapping[str, Any], *paths: str) -> Mapping[str, Any]:
    """The item with as few of the texts at ``paths`` compressed as save the most units.

    A path names attributes from the outside in, with dots, and ``*`` for each of a list.
    """
    texts = [
        (where, text)
        for path in paths
        for where, text in _texts(item, path.split("."))
        if len(text) >= _SHORTEST
    ]
    if not texts or (size := weight(item)) <= UNIT:
        return item
    gains = sorted(_gains(texts), key=lambda each: -each[0])
    sizes = [size, *(size - saved for saved in accumulate(gain for gain, _, _ in gains))]
    units = [write_units(each) for each in sizes]
    chosen = gains[: units.index(min(units))]
    return reduce(lambda whole, each: _with(whole, each[1], each[2]), chosen, item)


def write_units(size: int) -> int:
    """What writing an item of so many bytes takes, an index apart."""
    return max(1, -(-size // UNIT))


def weight(item: Mapping[str, Any]) -> int:
    """Bytes of the item, as DynamoDB bills them: of names and values, None being left out."""
    return sum(
        len(name.encode()) + _weight_of(value) for name, value in item.items() if value is not None
    )


def _weight_of(value: object) -> int:
    match value:
        case Packed():
            return len(value.content)
        case str():
            return len(value.encode())
        case bool():
            return 1
        case int() | float():
            # A byte for two digits, and one more; rather too much than too little.
            return len(repr(value)) // 2 + 2
        case Mapping():
            return 3 + weight(value) + sum(each is not None for each in value.values())
        case list() | tuple():
            return 3 + sum(1 + _weight_of(each) for each in value)
        case frozenset() | set():
            return sum(map(_weight_of, value))
    return 1


def _gains(texts: Sequence[tuple[Path, str]]) -> Iterator[tuple[int, Path, Packed]]:
    for where, text in texts:
        small = Packed(text)
        gain = len(text.encode()) - len(small.content)
        if gain > 0:
            yield gain, where, small


def _texts(value: object, path: Sequence[str], where: Path = ()) -> Iterator[tuple[Path, str]]:
    if not path:
        if isinstance(value, str):
            yield where, value
        return
    name, *rest = path
    if name == "*" and isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts(each, rest, (*where, number))
    elif isinstance(value, Mapping):
        yield from _texts(value.get(name), rest, (*where, name))


def _with(value: Any, where: Path, text: Packed) -> Any:
    """The value with the text put in its place; what it is made of stays as it is."""
    if not where:
        return text
    name, *rest = where
    inner = _with(value[name], tuple(rest), text)
    if isinstance(name, int):
        return [*value[:name], inner, *value[name + 1 :]]
    return {**value, name: inner}
