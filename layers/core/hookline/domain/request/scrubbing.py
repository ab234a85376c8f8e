"""Masks secrets in texts of others: endpoints echo requests, users' functions log properties."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from hookline.domain.mask import MASK

_SHORTEST = 4
"""Characters. Masking every occurrence of something shorter would only garble the text."""

_SAME_EVERYWHERE = re.compile(r"[A-Za-z0-9_.~-]*")
"""Texts that are the same in every notation, as most secrets are: this runs for every attempt."""

_JSON = (json.JSONEncoder().encode, json.JSONEncoder(ensure_ascii=False).encode)
_JSON_IN_HTML = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})


def scrub(
    text: str, shown: Sequence[str], *, open_ended: bool = False, open_began: bool = False
) -> str:
    """The text without the result of `as_shown`.

    Where it was cut at its end (``open_ended``) or begins in the middle (``open_began``), also
    without a part of a secret that may stand there.
    """
    for secret in shown:
        text = text.replace(secret, MASK)
    # The longest part of any form: otherwise the rest that another form leaves would show.
    if open_ended:
        length = max((_begun(text, secret) for secret in shown), default=0)
        text = text[: len(text) - length] + MASK if length else text
    if open_began:
        length = max((_left(text, secret) for secret in shown), default=0)
        text = MASK + text[length:] if length else text
    return text


def as_shown(secrets: Iterable[str]) -> tuple[str, ...]:
    """Each secret in the forms in which pages and logs show texts, the longest form first.

    As it is, in JSON as Python, JavaScript, PHP and Go write it, in Python's own notation, in HTML
    and in urls.
    """
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            forms.add(secret)
            if not _SAME_EVERYWHERE.fullmatch(secret):
                forms.update(_otherwise(secret))
    return tuple(sorted(forms, key=len, reverse=True))


def basic_credentials(username: str, password: str) -> str:
    """What follows ``Basic`` in an Authorization header (RFC 7617), in UTF-8."""
    return base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def _otherwise(secret: str) -> Iterator[str]:
    for encode in _JSON:
        text = encode(secret)[1:-1]
        yield text
        yield text.replace("/", r"\/")
        yield text.translate(_JSON_IN_HTML)
    yield repr(secret)[1:-1]
    yield html.escape(secret)
    in_url = quote(secret, safe="")
    yield in_url
    yield in_url.replace("%20", "+")


def _begun(text: str, secret: str) -> int:
    """The number of characters at the end of the text that begin the secret."""
    lengths = range(len(secret) - 1, _SHORTEST - 1, -1)
    return next((length for length in lengths if text.endswith(secret[:length])), 0)


def _left(text: str, secret: str) -> int:
    """The number of characters at the beginning of the text that end the secret."""
    lengths = range(len(secret) - 1, _SHORTEST - 1, -1)
    return next((length for length in lengths if text.startswith(secret[-length:])), 0)
