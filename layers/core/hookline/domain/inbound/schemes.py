"""The general forms of verification, which users configure and presets are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast

from hookline.domain.inbound.signed_content import SignedContent, parse
from hookline.domain.inbound.sources import Source, source_of

Algorithm = Literal["sha256", "sha1", "sha512"]
KeyEncoding = Literal["text", "base64", "base64url", "hex", "whsec"]
Encoding = Literal["hex", "base64", "base64url"]
Layout = Literal["plain", "pairs"]
Unit = Literal["s", "ms", "iso"]
PublicAlgorithm = Literal["ed25519", "ecdsa-p256-sha256", "rsa-sha256", "rsa-sha1"]

DEFAULT_TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Where the time of signing is, in which unit, and how far from the arrival it may be."""

    source: Source
    unit: Unit
    tolerance: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What signatures have in common.

    ``place`` holds one signature or several, separated by ``delimiter`` or blanks, each after
    ``prefix``. In the layout ``pairs`` it holds ``name=value`` and ``prefix`` is the signatures'
    name. A place whose name ends with ``*`` stands for every header with that beginning.
    """

    place: Source
    prefix: str = ""
    delimiter: str | None = None
    layout: Layout = "plain"
    encoding: Encoding = "hex"
    content: SignedContent
    timestamp: Timestamp | None = None
    id: Source | None = None
    body_digest: Source | None = None
    """Where the digest of the body is that is signed in the body's place (SHA-256 in hex)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmac(Signature):
    """A keyed digest of ``content``."""

    algorithm: Algorithm
    key_encoding: KeyEncoding = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey(Signature):
    """A signature by a private key; the public one is ``key``, or is fetched.

    ``key_url`` is where the call names its url, ``key_hosts`` the hosts it may be fetched from (a
    ``*`` in a name stands for one label). ``only_if`` is what the call must say for the scheme to
    apply.
    """

    algorithm: PublicAlgorithm
    key: str | None = None
    key_url: Source | None = None
    key_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Jwt:
    """A token signed by an issuer whose keys are at ``jwks_url``, or found by its discovery."""

    issuer: str
    audience: str
    header: str = "authorization"
    jwks_url: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A shared token: all of a place's text, wherever that occurs, after ``prefix``."""

    place: Source
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP basic authentication (RFC 7617)."""

    username: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """Anybody may call."""


Scheme = Hmac | PublicKey | Jwt | Token | Basic | Unverified


def scheme_of(document: Mapping[str, Any]) -> Scheme:
    """The scheme in a document that was checked or is our own."""
    match document["type"]:
        case "hmac":
            return Hmac(
                algorithm=document["algorithm"],
                key_encoding=document.get("key_encoding", "text"),
                **_signature(document),
            )
        case "public_key":
            return PublicKey(
                algorithm=document["algorithm"],
                key=document.get("key"),
                key_url=_source(document.get("key_url")),
                key_hosts=tuple(document.get("key_hosts", ())),
                **_signature(document),
            )
        case "jwt":
            return Jwt(
                issuer=document["issuer"],
                audience=document["audience"],
                header=document.get("header", "authorization").lower(),
                jwks_url=document.get("jwks_url"),
            )
        case "token":
            return Token(place_of(document), document.get("prefix", ""))
        case "basic":
            return Basic(document["username"])
        case _:
            return Unverified()


def place_of(document: Mapping[str, Any]) -> Source:
    """Where a token or signature is: a ``header``, the ``query`` or a ``field`` of the body."""
    for name, kind in (("header", "header"), ("query", "query"), ("field", "body")):
        if document.get(name) is not None:
            return source_of(f"{kind}:{document[name]}")
    raise ValueError("a scheme without a place")


def _signature(document: Mapping[str, Any]) -> dict[str, Any]:
    content = parse(document.get("signed_content") or "{body}")
    return {
        "place": place_of(document),
        "prefix": document.get("prefix") or "",
        "delimiter": document.get("delimiter"),
        "layout": document.get("layout") or "plain",
        "encoding": document.get("encoding") or "hex",
        "content": content,
        "timestamp": _timestamp(document, content),
        "id": _source(document.get("id")),
        "body_digest": _source(document.get("body_digest")),
    }


def _timestamp(document: Mapping[str, Any], content: SignedContent) -> Timestamp | None:
    seconds = document.get("tolerance_seconds") or DEFAULT_TOLERANCE_SECONDS
    tolerance = timedelta(seconds=int(seconds))
    given = cast("Mapping[str, Any] | None", document.get("timestamp"))
    if given is not None:
        return Timestamp(source_of(given["from"]), given.get("unit", "s"), tolerance)
    if content.timestamp_header is not None:  # as older configurations write it
        return Timestamp(Source("header", content.timestamp_header), "s", tolerance)
    return None


def _source(text: str | None) -> Source | None:
    return None if text is None else source_of(text)
