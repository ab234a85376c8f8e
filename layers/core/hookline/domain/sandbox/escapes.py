"""How a template's ``{{value}}`` is escaped: by the content type of the result.

Mustache always escapes for HTML. Inside JSON this turns a quote into ``&quot;`` and lets a line
break through, which breaks the JSON: the known trap of reference row UN-3.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from enum import Enum
from urllib.parse import quote, quote_plus

from hookline.domain.net.header_rules import FORM, JSON, media_type
from hookline.domain.net.xml_characters import sayable

_PRINTABLE_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_NDJSON = frozenset({"application/x-ndjson", "application/ndjson"})


class Syntax(Enum):
    """The kind of text of a content type."""

    JSON = "json"
    FORM = "form"
    MARKUP = "markup"
    PLAIN = "plain"
    URL = "url"
    HEADER = "header"


URL_PART = "url"
HEADER_VALUE = "header"
"""Names used like content types, for what is not a body."""


def syntax_of(content_type: str) -> Syntax:
    """The syntax of a content type, by RFC 6839's suffixes too; PLAIN if unknown."""
    if content_type in (URL_PART, HEADER_VALUE):
        return Syntax(content_type)
    name = media_type(content_type)
    if name in (JSON, "text/json") or name.endswith("+json") or name in _NDJSON:
        return Syntax.JSON
    if name == FORM:
        return Syntax.FORM
    if name in ("text/html", "text/xml", "application/xml") or name.endswith("+xml"):
        return Syntax.MARKUP
    return Syntax.PLAIN


def _json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _markup(text: str) -> str:
    # XML 1.0 has no entity for a control character: it can only be replaced by a mark.
    return html.escape(sayable(text, "\N{REPLACEMENT CHARACTER}"), quote=True)


def _in_url(text: str) -> str:
    # No character may end a segment or a parameter: path and query stay as the template has them.
    return quote(text, safe="")


def _in_header(text: str) -> str:
    # A line break would start a header of the publisher's own; other text has no agreed encoding.
    return quote(text, safe=_PRINTABLE_ASCII)


def _as_it_is(text: str) -> str:
    return text


ESCAPES: dict[Syntax, Callable[[str], str]] = {
    Syntax.JSON: _json_string,
    Syntax.FORM: quote_plus,
    Syntax.MARKUP: _markup,
    Syntax.PLAIN: _as_it_is,
    Syntax.URL: _in_url,
    Syntax.HEADER: _in_header,
}
"""What makes a text safe inside a quoted JSON string, a form's value, or markup."""
