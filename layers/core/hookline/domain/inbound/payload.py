"""A body as a plain value that expressions can look into, or why it has none."""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from hookline.domain.documents.strict_json import InvalidJson, loads
from hookline.domain.net.header_rules import FORM, media_parameter, media_type
from hookline.domain.sandbox.text_functions import form_fields
from hookline.errors import Refused

MAX_UNPACKED_BYTES = 8 * 1024 * 1024
"""Of a compressed body: a few bytes can unpack to gigabytes."""

MAX_FIELDS = 1_000
"""Of a form."""

_MAX_BOUNDARY = 70
"""Characters of a multipart form's (RFC 2046, section 5.1.1)."""

_CHARSETS = frozenset(
    {
        *("utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "iso8859-1", "koi8-r"),
        *(f"iso8859-{part}" for part in range(2, 17)),
        *(f"cp125{page}" for page in range(9)),
        *("shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949"),
        *("gb2312", "gbk", "gb18030", "big5", "koi8-u", "mac-roman"),
    }
)
"""Python also has codecs that are no charsets, some of them slow: idna, punycode, zip."""

_BOM = b"\xef\xbb\xbf"
_XML = re.compile(r"(?:application|text)/(?:[a-z0-9.+-]+\+)?xml")
_XML_ENCODING = re.compile(rb"""\A<\?xml[^>]{1,100}?encoding=["']([A-Za-z0-9._:-]{1,40})["']""")
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


@dataclass(frozen=True, slots=True)
class Payload:
    """``value`` is None if there is none, and ``problem`` then says why.

    ``raw`` is the body as text, unpacked if it came compressed.
    """

    value: object
    raw: str
    problem: str | None = None


class _Unreadable(Refused):
    """A body, or a part of it, that is not what it says it is; the message says why."""


def payload_of(body: bytes, content_type: str, content_encoding: str = "") -> Payload:
    """The parsed body: a form's fields, the text of XML, else JSON whatever its media type.

    Some systems send JSON as text/plain. A form field that occurs once is a string, one that is
    repeated a list. A form of the single field ``payload`` that holds JSON stands for that JSON:
    GitHub (content type "form") and Slack (interactivity) wrap theirs so. A byte order mark is no
    part of either.
    """
    if not body:
        return Payload(None, "", "there is no body")
    try:
        plain = _unpacked(body, content_encoding)
    except _Unreadable as error:
        return Payload(None, body.decode(errors="replace"), str(error))
    plain = plain.removeprefix(_BOM)
    value, problem = _read(plain, content_type)
    return Payload(value, plain.decode(errors="replace"), problem)


def _read(body: bytes, content_type: str) -> tuple[object, str | None]:
    kind = media_type(content_type)
    try:
        if kind == FORM:
            return _form(body, _charset_of(content_type))
        if kind == "multipart/form-data":
            return _parts(body, content_type), None
        if _XML.fullmatch(kind):
            declared = _XML_ENCODING.match(body)
            fallback = declared[1].decode() if declared else "utf-8"
            return _text_in(body, _charset_of(content_type) or fallback), None
        charset = _charset_of(content_type)
        return loads(body if charset is None else _text_in(body, charset)), None
    except (InvalidJson, _Unreadable) as error:
        return None, str(error)


def _unpacked(body: bytes, content_encoding: str) -> bytes:
    """The body without its content codings (RFC 9110, section 8.4), the last applied first."""
    codings = [each.strip().lower() for each in content_encoding.split(",")]
    for coding in reversed([each for each in codings if each not in ("", "identity")]):
        if coding not in _WINDOW_BITS:
            raise _Unreadable(f"the body is encoded as {coding[:40]}, which is not known here")
        body = _inflated(body, coding)
    return body


def _inflated(body: bytes, coding: str) -> bytes:
    unpacker = zlib.decompressobj(_WINDOW_BITS[coding])
    try:
        plain = unpacker.decompress(body, MAX_UNPACKED_BYTES)
        if unpacker.unconsumed_tail:
            raise _Unreadable(f"the body unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
        if not unpacker.eof:
            raise _Unreadable(f"the body ends before its {coding} does")
    except zlib.error:
        raise _Unreadable(f"the body is not {coding}, as its Content-Encoding says") from None
    return plain


def _form(body: bytes, charset: str | None) -> tuple[object, str | None]:
    text = _text_in(body, charset or "utf-8", errors="replace")
    problem = None
    try:
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            max_num_fields=MAX_FIELDS,
            encoding=charset or "utf-8",
            errors="replace",
        )
    except ValueError:
        return None, f"the form has more than {MAX_FIELDS:,} fields"
    if any("\ufffd" in part for pair in pairs for part in pair):
        problem = f"what is not {charset or 'utf-8'} in the form reads as U+FFFD"
    if len(pairs) == 1 and pairs[0][0] == "payload":
        try:
            return loads(pairs[0][1]), problem
        except InvalidJson:  # then a field like any other
            pass
    return form_fields(pairs), problem


def _parts(body: bytes, content_type: str) -> dict[str, object]:
    """The fields of a multipart form (RFC 7578) by their names.

    Each is a text, for a file ``{filename, content_type, size}``, or a list of these.
    """
    boundary = media_parameter(content_type, "boundary")
    if not boundary or len(boundary) > _MAX_BOUNDARY or not boundary.isascii():
        raise _Unreadable("the multipart form names no boundary")
    # The first delimiter needs no line break before it.
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(pieces) - 2 > MAX_FIELDS:
        raise _Unreadable(f"the multipart form has more than {MAX_FIELDS:,} parts")
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise _Unreadable("the multipart form does not end with its boundary")
    return form_fields(map(_field, pieces[1:-1]))


def _field(piece: bytes) -> tuple[str, object]:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        raise _Unreadable("a part of the multipart form has no end of its headers")
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    field = media_parameter(disposition, "name")
    if field is None:
        raise _Unreadable("a part of the multipart form has no name")
    kind = headers.get("content-type", "")
    filename = media_parameter(disposition, "filename")
    if filename is not None:
        return field, {"filename": filename, "content_type": kind, "size": len(content)}
    try:
        return field, _text_in(content, _charset_of(kind) or "utf-8", errors="replace")
    except _Unreadable as error:
        raise _Unreadable(f"the field {field[:40]!r}: {error}") from None


def _charset_of(content_type: str) -> str | None:
    """The charset that a Content-Type names, by Python's name."""
    name = media_parameter(content_type, "charset")
    return None if not name else _codec(name)


def _text_in(body: bytes, charset: str, *, errors: Literal["strict", "replace"] = "strict") -> str:
    try:
        return body.decode(_codec(charset), errors)
    except UnicodeDecodeError as error:
        raise _Unreadable(f"the body is not {charset}, from byte {error.start} on") from None


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):  # ValueError: a NUL in it
        found = ""
    if found not in _CHARSETS:
        raise _Unreadable(f"the charset {name[:40]!r} is not known here")
    return found
