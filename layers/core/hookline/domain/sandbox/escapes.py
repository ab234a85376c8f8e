"""How a template's ``{{value}}`` is escaped, by the content type of what the template makes.

Escaping for HTML whatever is made, as Mustache does, turns a quote inside JSON into ``&quot;`` and
lets a line break through, which ends the JSON: the known trap of reference row UN-3.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from enum import Enum
from urllib.parse import quote_plus

from hookline.domain.net.media_types import FORM, JSON, essence
from hookline.domain.net.xml_characters import sayable

_NDJSON = frozenset({"application/x-ndjson", "application/ndjson"})


class Syntax(Enum):
    """What kind of text a content type stands for."""

    JSON = "json"
    FORM = "form"
    MARKUP = "markup"
    PLAIN = "plain"


def syntax_of(content_type: str) -> Syntax:
    """The syntax of a content type, by RFC 6839's suffixes too; PLAIN for all that is not known."""
    name = essence(content_type)
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
    # No entity stands for a control character in XML 1.0: it cannot be said, only be marked.
    return html.escape(sayable(text, "\N{REPLACEMENT CHARACTER}"), quote=True)


def _as_it_is(text: str) -> str:
    return text


ESCAPES: dict[Syntax, Callable[[str], str]] = {
    Syntax.JSON: _json_string,
    Syntax.FORM: quote_plus,
    Syntax.MARKUP: _markup,
    Syntax.PLAIN: _as_it_is,
}
"""What makes a text safe inside a quoted JSON string, a form's value, or markup."""
