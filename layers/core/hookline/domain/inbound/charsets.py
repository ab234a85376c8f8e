"""Text in the charset that its sender names."""

from __future__ import annotations

import codecs
from typing import Literal

from hookline.domain.net.header_rules import media_parameter
from hookline.errors import Refused

_KNOWN = frozenset(
    {
        *("utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "iso8859-1", "koi8-r"),
        *(f"iso8859-{part}" for part in range(2, 17)),
        *(f"cp125{page}" for page in range(9)),
        *("shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949"),
        *("gb2312", "gbk", "gb18030", "big5", "koi8-u", "mac-roman"),
    }
)
"""Python also has codecs that are no charsets, some of them slow: idna, punycode, zip."""


class UnknownCharset(Refused):
    """The charset is not supported, or the text is not in it; the message says which."""


def charset_of(content_type: str) -> str | None:
    """The charset that a Content-Type names, by Python's name. Raises UnknownCharset."""
    name = media_parameter(content_type, "charset")
    return None if not name else _codec(name)


def text_in(body: bytes, charset: str, *, errors: Literal["strict", "replace"] = "strict") -> str:
    """The bytes as text. Raises UnknownCharset."""
    try:
        return body.decode(_codec(charset), errors)
    except UnicodeDecodeError as error:
        raise UnknownCharset(f"the body is not {charset}, from byte {error.start} on") from None


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):  # ValueError: a NUL in it
        found = ""
    if found not in _KNOWN:
        raise UnknownCharset(f"the charset {name[:40]!r} is not known here")
    return found
