"""A body as a plain value that expressions can look into, or why it has none."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from urllib.parse import parse_qsl

from hookline.domain.documents.strict_json import InvalidJson, loads
from hookline.domain.inbound.charsets import UnknownCharset, charset_of, text_in
from hookline.domain.inbound.multipart import MalformedParts, fields_of
from hookline.domain.net.header_rules import FORM, media_type
from hookline.domain.sandbox.text_functions import form_fields
from hookline.errors import Refused

MAX_UNPACKED_BYTES = 8 * 1024 * 1024
"""Of a compressed body: a few bytes can unpack to gigabytes."""

MAX_FIELDS = 1_000
"""Of a form."""

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


class _Unpackable(Refused):
    """A body that is not compressed as it says, or too large; the message says which."""


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
    except _Unpackable as error:
        return Payload(None, body.decode(errors="replace"), str(error))
    plain = plain.removeprefix(_BOM)
    value, problem = _read(plain, content_type)
    return Payload(value, plain.decode(errors="replace"), problem)


def _read(body: bytes, content_type: str) -> tuple[object, str | None]:
    kind = media_type(content_type)
    try:
        if kind == FORM:
            return _form(body, charset_of(content_type))
        if kind == "multipart/form-data":
            return fields_of(body, content_type, MAX_FIELDS), None
        if _XML.fullmatch(kind):
            declared = _XML_ENCODING.match(body)
            fallback = declared[1].decode() if declared else "utf-8"
            return text_in(body, charset_of(content_type) or fallback), None
        charset = charset_of(content_type)
        return loads(body if charset is None else text_in(body, charset)), None
    except (InvalidJson, MalformedParts, UnknownCharset) as error:
        return None, str(error)


def _unpacked(body: bytes, content_encoding: str) -> bytes:
    """The body without its content codings (RFC 9110, section 8.4), the last applied first."""
    codings = [each.strip().lower() for each in content_encoding.split(",")]
    for coding in reversed([each for each in codings if each not in ("", "identity")]):
        if coding not in _WINDOW_BITS:
            raise _Unpackable(f"the body is encoded as {coding[:40]}, which is not known here")
        body = _inflated(body, coding)
    return body


def _inflated(body: bytes, coding: str) -> bytes:
    unpacker = zlib.decompressobj(_WINDOW_BITS[coding])
    try:
        plain = unpacker.decompress(body, MAX_UNPACKED_BYTES)
        if unpacker.unconsumed_tail:
            raise _Unpackable(f"the body unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
        if not unpacker.eof:
            raise _Unpackable(f"the body ends before its {coding} does")
    except zlib.error:
        raise _Unpackable(f"the body is not {coding}, as its Content-Encoding says") from None
    return plain


def _form(body: bytes, charset: str | None) -> tuple[object, str | None]:
    text = text_in(body, charset or "utf-8", errors="replace")
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
