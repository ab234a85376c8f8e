"""Whether a body is valid for its content type: only the preview checks it, not the sender.

A template may make something else on purpose, so an invalid body is sent all the same.
"""

from __future__ import annotations

import re

from hookline.domain.documents import strict_json
from hookline.domain.net.header_rules import media_type
from hookline.domain.request.rendering import Rendered
from hookline.domain.sandbox.escapes import Syntax, syntax_of

# What the URL standard allows in a form, and what most parsers also accept.
_ENCODED = re.compile(rb"(?:[A-Za-z0-9*._~+!'()$,;:@/?=&-]|%[0-9A-Fa-f]{2})*+")

_MAX_JSON_DEPTH = 512


def validity(rendered: Rendered) -> str | None:
    """What makes the body invalid for its content type, and where; None if it is valid."""
    if rendered.body is None or rendered.content_type is None:
        return None
    match syntax_of(rendered.content_type):
        case Syntax.JSON:
            return _json_problem(rendered.body, rendered.content_type)
        case Syntax.FORM:
            return _form_problem(rendered.body)
        case Syntax.MARKUP if media_type(rendered.content_type) != "text/html":
            return _xml_problem(rendered.body)
        case _:
            return None


def _json_problem(body: bytes, content_type: str) -> str | None:
    one_a_line = "ndjson" in media_type(content_type)
    texts = [line for line in body.split(b"\n") if line.strip()] if one_a_line else [body]
    for text in texts:
        try:
            strict_json.loads(text, max_depth=_MAX_JSON_DEPTH)
        except strict_json.InvalidJson as invalid:
            return invalid.detail
    return None


def _form_problem(body: bytes) -> str | None:
    encoded = _ENCODED.match(body)
    end = encoded.end() if encoded else 0
    if end == len(body):
        return None
    return f"The form holds something that is not percent-encoded, at byte {end}"


class _DoctypeFound(Exception):  # noqa: N818 - stops the parser, never leaves this file
    """The document declares its own entities, each of which may expand to gigabytes."""


def _xml_problem(body: bytes) -> str | None:
    from xml.parsers import expat  # noqa: PLC0415 - only previews of XML need it

    def stop(*_: object) -> None:
        raise _DoctypeFound

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = stop
    try:
        parser.Parse(body, True)
    except _DoctypeFound:
        return "The XML has a document type declaration, behind which nothing is checked"
    except expat.ExpatError as error:
        return f"The XML is malformed: {error}"
    return None
