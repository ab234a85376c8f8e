from __future__ import annotations

import sys

from hookline.domain.net.xml_characters import sayable


def of_xml(code: int) -> bool:
    """Char, as https://www.w3.org/TR/xml/#NT-Char puts it."""
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


def test_each_character_there_is_stands_or_falls_as_the_standard_says() -> None:
    everything = range(sys.maxunicode + 1)
    kept = sayable("".join(map(chr, everything)), "")
    assert kept == "".join(chr(code) for code in everything if of_xml(code))


def test_each_one_is_replaced_by_itself() -> None:
    assert sayable("a\x00\x0bb\ud800\n\U0001f600", "?") == "a??b?\n\U0001f600"
