"""The fields of a multipart form (RFC 7578): texts, and a description of each file."""

from __future__ import annotations

from hookline.domain.inbound.charsets import UnknownCharset, charset_of, text_in
from hookline.domain.net.header_rules import media_parameter
from hookline.domain.sandbox.text_functions import form_fields
from hookline.errors import Refused

_MAX_BOUNDARY = 70
"""Characters (RFC 2046, section 5.1.1)."""


class MalformedParts(Refused):
    """The body does not fit its boundary; the message says why."""


def fields_of(body: bytes, content_type: str, most: int) -> dict[str, object]:
    """Each field by its name: a text, ``{filename, content_type, size}``, or a list of these.

    Raises MalformedParts for more than ``most`` parts and for what is no multipart form.
    """
    boundary = media_parameter(content_type, "boundary")
    if not boundary or len(boundary) > _MAX_BOUNDARY or not boundary.isascii():
        raise MalformedParts("the multipart form names no boundary")
    # The first delimiter needs no line break before it.
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(pieces) - 2 > most:
        raise MalformedParts(f"the multipart form has more than {most:,} parts")
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise MalformedParts("the multipart form does not end with its boundary")
    return form_fields(map(_field, pieces[1:-1]))


def _field(piece: bytes) -> tuple[str, object]:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        raise MalformedParts("a part of the multipart form has no end of its headers")
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    field = media_parameter(disposition, "name")
    if field is None:
        raise MalformedParts("a part of the multipart form has no name")
    kind = headers.get("content-type", "")
    filename = media_parameter(disposition, "filename")
    if filename is not None:
        return field, {"filename": filename, "content_type": kind, "size": len(content)}
    try:
        return field, text_in(content, charset_of(kind) or "utf-8", errors="replace")
    except UnknownCharset as error:
        raise MalformedParts(f"the field {field[:40]!r}: {error}") from None
