"""What a scheme signs: text with placeholders for parts of the call.

``{body}`` is the pristine body, ``{body_sha256}`` its digest in hex and ``{body_crc32}`` its
checksum in digits; ``{method}`` and ``{path}`` are the call's, ``{url}`` the whole address that
was called; ``{timestamp}`` and ``{id}`` are what the scheme says they are; ``{header:NAME}``,
``{query:NAME}`` and ``{field:PATH}`` stand for one value each (`hookline.domain.inbound.sources`).
``{form_sorted}`` is a form's names and values, sorted by name, one behind the other (Twilio).
``{lines:A,B}`` is, for each of these fields that the body has, its name and value in a line each
(Amazon SNS). ``{secret}`` is a shared text that is signed with the rest (PayPal).
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from hookline.domain.inbound.message import Call
from hookline.domain.inbound.payload import MAX_FIELDS
from hookline.domain.inbound.sources import InvalidSource, Source, in_payload, source_of
from hookline.domain.net.header_rules import FORM, media_type
from hookline.errors import Refused

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLAIN = frozenset(
    {
        *("body", "body_sha256", "body_crc32", "method", "path", "url"),
        *("timestamp", "id", "form_sorted", "secret"),
    }
)
_NAMED = {"header": "header", "query": "query", "field": "body"}
_COVERING = frozenset({"body", "body_sha256", "body_crc32", "form_sorted", "lines", "field"})


@dataclass(frozen=True, slots=True)
class Part:
    """Literal text in ``name``, a plain placeholder, or the placeholder of a ``source``."""

    kind: str
    name: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What else the scheme has read from a call, as text."""

    timestamp: str | None = None
    id: str | None = None
    secret: str = ""


@dataclass(frozen=True, slots=True)
class SignedContent:
    """A parsed template; ``text`` is its source."""

    text: str
    parts: tuple[Part, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        """The kinds of its placeholders."""
        return frozenset(part.kind for part in self.parts) - {"text"}

    @property
    def timestamp_header(self) -> str | None:
        """The header of a ``{timestamp:NAME}``, which older configurations use."""
        return next(
            (part.name for part in self.parts if part.kind == "timestamp" and part.name), None
        )

    def of(self, call: Call, known: Known) -> bytes | None:
        """The bytes that the sender signed; None if the call lacks a part of them."""
        pieces = []
        for part in self.parts:
            piece = _piece(part, call, known)
            if piece is None:
                return None
            pieces.append(piece)
        return b"".join(pieces)


class InvalidSignedContent(Refused):
    """The template names what cannot be signed; ``detail`` says what."""


def parse(text: str) -> SignedContent:
    """The template. Raises InvalidSignedContent for an unknown placeholder, or without the body."""
    parts: list[Part] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        parts.append(Part("text", text[end : match.start()]))
        parts.append(_placeholder(match[1]))
        end = match.end()
    parts.append(Part("text", text[end:]))
    kinds = [part.kind for part in parts]
    if _COVERING.isdisjoint(kinds):
        raise InvalidSignedContent("must contain {body}: what is not signed could be anybody's")
    if kinds.count("timestamp") > 1:
        raise InvalidSignedContent("must contain one {timestamp} at most")
    return SignedContent(text, tuple(part for part in parts if part != Part("text")))


def _placeholder(inside: str) -> Part:
    if inside in _PLAIN:
        return Part(inside)
    kind, _, name = inside.partition(":")
    if kind == "lines" and name:
        return Part(kind, name)
    if kind == "timestamp" and name:
        return Part(kind, name.lower(), _source("header", name))
    if kind in _NAMED and name:
        return Part(kind, name, _source(_NAMED[kind], name))
    raise InvalidSignedContent(
        f"contains {{{inside}}}; there are {{body}}, {{body_sha256}}, {{timestamp}}, {{id}},"
        " {url}, {method}, {path}, {form_sorted}, {header:NAME}, {query:NAME} and {field:PATH}"
    )


def _source(kind: str, name: str) -> Source:
    try:
        return source_of(f"{kind}:{name}")
    except InvalidSource as error:
        raise InvalidSignedContent(f"has a placeholder that {error.detail}") from None


def _piece(part: Part, call: Call, known: Known) -> bytes | None:
    match part.kind:
        case "body":
            return call.body
        case "form_sorted":
            return _form_sorted(call)
        case "lines":
            return _lines(call, part.name).encode()
        case "field":
            # A missing field is signed as an empty text: Adyen's are often empty.
            found = part.source.every(call) if part.source else ()
            return "".join(found).encode()
    text = _text(part, call, known)
    return None if text is None else text.encode()


def _text(part: Part, call: Call, known: Known) -> str | None:
    if part.source is not None:
        return part.source.of(call)
    texts: Mapping[str, str | None] = {
        "text": part.name,
        "method": call.method,
        "path": call.uri,
        "url": call.url,
        "timestamp": known.timestamp,
        "id": known.id,
        "secret": known.secret,
    }
    if part.kind in texts:
        return texts[part.kind]
    if part.kind == "body_crc32":
        return str(zlib.crc32(call.body))
    return hashlib.sha256(call.body).hexdigest()


def _form_sorted(call: Call) -> bytes:
    if media_type(call.content_type) != FORM:
        return b""
    try:
        text = call.body.decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return b""
    return "".join(f"{name}{value}" for name, value in sorted(set(pairs))).encode()


def _lines(call: Call, names: str) -> str:
    lines = []
    for name in names.split(","):
        found = in_payload(call.parsed.value, name)
        if len(found) == 1 and isinstance(found[0], str):
            lines.append(f"{name}\n{found[0]}\n")
    return "".join(lines)
