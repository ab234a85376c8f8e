"""Event fields in a webhook's url and header values: ``{{…}}``.

They are escaped for where they stand, and are not allowed in the origin: whatever the event, the
call goes to the host that was checked when the webhook was saved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hookline.domain.net.header_rules import is_field_value
from hookline.domain.sandbox.escapes import HEADER_VALUE, URL_PART
from hookline.domain.sandbox.language import Language
from hookline.domain.sandbox.mustache_lint import InvalidTemplate
from hookline.domain.sandbox.output import TemplateFailed
from hookline.domain.sandbox.templates import check_template, render

OPENING = "{{"

MAX_HEADER_VALUE = 4_096
"""Characters that a header's value may have once rendered."""

_TAG = re.compile(r"\{\{\{?.*?\}?\}\}", re.DOTALL)
_UNESCAPED = re.compile(r"\{\{~?[{&]")
_ORIGIN = re.compile(r"[^:/?#]*://[^/?#]*")


def has_fields(text: str) -> bool:
    """Whether a text has any tags."""
    return OPENING in text


def without_fields(url: str) -> str:
    """The url with a harmless text in place of each tag, for checking."""
    return _TAG.sub("x", url) if has_fields(url) else url


def url_problem(url: str, language: Language) -> str | None:
    """What is wrong with the tags of a url; None for good ones, or none."""
    if not has_fields(url):
        return None
    origin = _ORIGIN.match(url)
    if origin is None or OPENING in origin[0] or url[origin.end() :].startswith(OPENING):
        return "must hold event fields in its path and query alone: the origin is fixed"
    return _problem(url, language)


def header_problem(value: str, language: Language) -> str | None:
    """What is wrong with the tags of a header's value; None for good ones, or none."""
    return _problem(value, language) if has_fields(value) else None


def render_url(url: str, context: Mapping[str, object], language: Language) -> str:
    """The url for one event. Raises TemplateFailed."""
    return _rendered(url, context, URL_PART, language)


def render_header(name: str, value: str, context: Mapping[str, object], language: Language) -> str:
    """The value of a header for one event. Raises TemplateFailed."""
    made = _rendered(value, context, HEADER_VALUE, language).strip()
    if len(made) > MAX_HEADER_VALUE:
        raise TemplateFailed(f"The header {name} has more than {MAX_HEADER_VALUE} characters")
    if not is_field_value(made):
        raise TemplateFailed(f"The header {name} comes to what is no header's value")
    return made


def _problem(text: str, language: Language) -> str | None:
    try:
        check_template(text, language)
    except InvalidTemplate as error:
        return error.detail
    if _UNESCAPED.search(text):
        return "must have its fields in two braces: what they hold is escaped for the place"
    return None


def _rendered(text: str, context: Mapping[str, object], place: str, language: Language) -> str:
    try:
        return render(text, context, place, language)
    except InvalidTemplate as broken:  # saved under rules that have changed since
        raise TemplateFailed(broken.detail) from broken
