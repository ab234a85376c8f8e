"""What a scheme signs: text with placeholders for parts of the call.

``{body}`` is the pristine body, ``{method}`` and ``{path}`` the call's, ``{header:NAME}`` the value
of a header, and ``{timestamp:NAME}`` one that holds Unix seconds, which a tolerance judges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hookline.domain.inbound.message import Call
from hookline.errors import Refused

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_HEADER = re.compile(r"(header|timestamp):([!#$%&'*+\-.^_`|~0-9A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """Literal text, or one placeholder; ``name`` is a header's, in lower case."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SignedContent:
    """A parsed template. ``text`` is how it was written."""

    text: str
    parts: tuple[Part, ...]

    @property
    def timestamp_header(self) -> str | None:
        """The header that holds the time of signing, if it is signed."""
        return next((part.name for part in self.parts if part.kind == "timestamp"), None)

    def of(self, call: Call) -> bytes | None:
        """The bytes that the sender signed; None when the call lacks one of the headers."""
        pieces = []
        for part in self.parts:
            piece = _piece(part, call)
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
    if "body" not in kinds:
        raise InvalidSignedContent("must contain {body}: what is not signed could be anybody's")
    if kinds.count("timestamp") > 1:
        raise InvalidSignedContent("must contain one {timestamp:…} at most")
    return SignedContent(text, tuple(part for part in parts if part != Part("text")))


def _placeholder(inside: str) -> Part:
    if inside in ("body", "method", "path"):
        return Part(inside)
    header = _HEADER.fullmatch(inside)
    if header is None:
        raise InvalidSignedContent(
            f"contains {{{inside}}}; there are {{body}}, {{method}}, {{path}},"
            " {header:NAME} and {timestamp:NAME}"
        )
    return Part(header[1], header[2].lower())


def _piece(part: Part, call: Call) -> bytes | None:
    match part.kind:
        case "body":
            return call.body
        case "method":
            return call.method.encode()
        case "path":
            return call.uri.encode()
        case "text":
            return part.name.encode()
        case _:
            value = call.headers.get(part.name)
            return None if value is None else value.encode()
