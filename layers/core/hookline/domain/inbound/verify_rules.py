"""Reads a provider's ``verify`` as users write it: a preset's name, or one of the general forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hookline.domain.documents.kinds import (
    Choice,
    Findings,
    ListOf,
    MapOf,
    Text,
    Whole,
    below,
    none_of,
)
from hookline.domain.documents.shape import Field, Object, Shape, defaulted, optional, required
from hookline.domain.inbound.presets import Preset, preset, preset_names
from hookline.domain.inbound.schemes import DEFAULT_TOLERANCE_SECONDS
from hookline.domain.inbound.signed_content import InvalidSignedContent, parse
from hookline.domain.inbound.sources import InvalidSource, source_of
from hookline.domain.inbound.verification import key_of
from hookline.domain.inbound.verify import Verify
from hookline.domain.net.header_rules import is_field_name
from hookline.domain.net.urls import InvalidUrl, parse_url
from hookline.domain.webhook.webhook import MASK
from hookline.errors import Refused

SHORTEST_SECRET = 6
"""Characters of a secret, token or password: one is guessed in no time."""

MAX_SECRETS = 5
"""Of one provider: two while one is rotated, and a few for senders that sign with several."""


class Secret(Text):
    """A secret in clear, or the mask, which keeps the stored one."""

    def problem(self, given: object) -> str | None:
        """As `Text`, but for the mask."""
        return None if given == MASK else super().problem(given)


def _source_problem(text: str) -> str | None:
    try:
        source_of(text)
    except InvalidSource as error:
        return error.detail
    return None


def _content_problem(text: str) -> str | None:
    try:
        parse(text)
    except InvalidSignedContent as error:
        return error.detail
    return None


def _header_problem(text: str) -> str | None:
    return None if is_field_name(text) else "is not a header name (RFC 9110)"


def _url_problem(text: str) -> str | None:
    try:
        parse_url(text, allow_http=False)
    except InvalidUrl as error:
        return error.reason
    return None


def _no_colon(text: str) -> str | None:
    return "must not contain a colon (RFC 7617)" if ":" in text else None


_SECRET = Secret(SHORTEST_SECRET, 1_000, one_line=True, example="s3cret-of-theirs")
_HEADER = Text(1, 100, also=_header_problem, example="X-Signature")
_SOURCE = Text(1, 210, also=_source_problem, example="header:X-Timestamp")
_ALGORITHMS = Choice("sha256", "sha1", "sha512")
_ENCODINGS = Choice("hex", "base64", "base64url")


def _secret() -> Field[str | None]:
    return optional(_SECRET, "Write-only: reads as `*****`, which keeps it.")


def _secrets() -> Field[tuple[str, ...] | None]:
    about = "Several, of which any will do: while one is rotated. In place of the one."
    return optional(_SecretList(_SECRET, 1, MAX_SECRETS), about)


class _SecretList(ListOf[str]):
    """A list of secrets, in which masks may be there more than once."""

    def read(self, given: object, findings: Findings, path: str) -> tuple[str, ...]:
        """The secrets in their order."""
        if not isinstance(given, list) or MASK not in given:
            return super().read(given, findings, path)
        if len(given) > self.most:
            return self._refused(findings, path, f"must not have more than {self.most} items")
        places = [below(path, index) for index in range(len(given))]
        return tuple(map(lambda item, at: self.item.read(item, findings, at), given, places))


class _Form(Shape):
    """What every form of verification has."""

    sparse = True

    expect = optional(
        MapOf(Text(1, 1_000), example={"body:TopicArn": "arn:aws:sns:eu-west-1:1:orders"}),
        "What has to stand where in the call, besides.",
    )
    on_mismatch = optional(
        Choice("pass", "401"),
        "`pass` asks the next provider, `401` refuses the call. Default `pass`, or the preset's.",
    )


class TimestampFrom(Shape):
    """Where the time of signing stands."""

    sparse = True

    from_ = required(_SOURCE, "`header:NAME`, `query:NAME`, `body:PATH` or `signature:NAME`.")
    unit = defaulted(Choice("s", "ms", "iso"), "s", "Unix seconds or milliseconds, or ISO 8601.")


class _Signed(_Form):
    """A signature in the call."""

    header = optional(_HEADER, "The header that holds the signature; a `*` at its end: any so.")
    query = optional(Text(1, 100), "Or the query parameter.", example="signature")
    field = optional(Text(1, 200), "Or the field of the body.", example="signature.value")
    prefix = defaulted(
        Text(0, 50), "", "What stands before the signature; its name in the layout `pairs`."
    )
    delimiter = optional(Text(1, 3), "What stands between several signatures; else spaces.")
    layout = optional(Choice("plain", "pairs"), "`pairs` is name=value, as in `t=…,v1=…`.")
    encoding = required(_ENCODINGS, "How the signature is written.")
    signed_content = defaulted(
        Text(1, 1_000, also=_content_problem, example="{timestamp}.{body}"),
        "{body}",
        "Text with {body} {timestamp} {id} {url} {method} {path} {header:NAME} {query:NAME}"
        " {field:PATH} {form_sorted} {body_sha256}.",
    )
    timestamp = optional(Object(TimestampFrom), "Where the time of signing stands.")
    tolerance_seconds = optional(Whole(1, 86_400), "How far off the time may be; 300.")
    id = optional(_SOURCE, "Where {id} stands.")
    body_digest = optional(_SOURCE, "Where the body's SHA-256 stands that is signed in its place.")


class VerifyHmac(_Signed):
    """A keyed digest."""

    type = required(Choice("hmac"), "The form.")
    secret, secrets = _secret(), _secrets()
    algorithm = required(_ALGORITHMS, "The digest.")
    key_encoding = optional(
        Choice("text", "base64", "base64url", "hex", "whsec"), "How the secret stands for the key."
    )


class VerifyPublicKey(_Signed):
    """A signature by the sender's private key."""

    type = required(Choice("public_key"), "The form.")
    algorithm = required(
        Choice("ed25519", "ecdsa-p256-sha256", "rsa-sha256", "rsa-sha1"), "How it is signed."
    )
    key = optional(Text(32, 4_000), "The public key: PEM, DER in base64, or hex for ed25519.")
    key_url = optional(_SOURCE, "Or where its address stands in the call, with `key_hosts`.")
    key_hosts = optional(
        ListOf(Text(4, 200), 1, 10), "The hosts it may be fetched from; `*` is any label."
    )


class VerifyJwt(_Form):
    """A token of an issuer that publishes its keys."""

    type = required(Choice("jwt"), "The form.")
    issuer = required(
        Text(10, 500, also=_url_problem), "An https url.", example="https://accounts.google.com"
    )
    jwks_url = optional(
        Text(
            10, 500, also=_url_problem, example="https://login.botframework.com/v1/.well-known/keys"
        ),
        "Where its keys are; else OpenID Connect Discovery at the issuer tells.",
    )
    audience = required(Text(1, 500), "Whom the token has to be for.")
    header = defaulted(_HEADER, "authorization", "The header that holds it.")


class VerifyToken(_Form):
    """A shared token in one place."""

    type = required(Choice("token"), "The form.")
    header = optional(_HEADER, "The header that is the token,")
    query = optional(Text(1, 100), "or the query parameter,", example="token")
    field = optional(Text(1, 200), "or the field of the body.", example="value[].clientState")
    prefix = optional(Text(1, 50), "What stands before it, such as `Bearer `.")
    token = optional(_SECRET, "Write-only: reads as `*****`, which keeps it.")
    secrets = _secrets()


class VerifyBasic(_Form):
    """HTTP basic authentication."""

    type = required(Choice("basic"), "The form.")
    username = required(Text(1, 200, one_line=True, also=_no_colon), "The user.")
    password = optional(_SECRET, "Write-only: reads as `*****`, which keeps it.")
    secrets = _secrets()


class VerifyNone(_Form):
    """Anybody may call."""

    type = required(Choice("none"), "The form.")


class VerifyPreset(_Form):
    """As a well-known system signs."""

    type = required(Choice(*preset_names()), "The preset.")
    secret, secrets = _secret(), _secrets()
    key = optional(Text(32, 4_000), "The sender's public key, where it signs by one.")
    username = optional(Text(1, 200, one_line=True, also=_no_colon), "Where it logs in.")
    tolerance_seconds = optional(Whole(1, 86_400), "In place of the preset's.")


FORMS: Mapping[str, type[_Form]] = {
    "hmac": VerifyHmac,
    "public_key": VerifyPublicKey,
    "jwt": VerifyJwt,
    "token": VerifyToken,
    "basic": VerifyBasic,
    "none": VerifyNone,
    **dict.fromkeys(preset_names(), VerifyPreset),
}
"""By ``type``."""

_SINGLE = {"hmac": "secret", "token": "token", "basic": "password"}
"""What each form calls its one secret."""


def read_verify(
    document: object, findings: Findings, path: str, stored: Sequence[str] | None
) -> tuple[Verify, tuple[str, ...]]:
    """The verification, and its secrets in clear; what is wrong is noted.

    ``stored`` are the secrets that stand: one sent as `MASK` keeps that in its place.
    """
    if not isinstance(document, dict):
        findings.add(path, "is required" if document is None else "must be an object")
        return Verify(), ()
    kind = document.get("type")
    if not isinstance(kind, str) or kind not in FORMS:
        findings.add(below(path, "type"), none_of(FORMS))
        return Verify(), ()
    before = len(findings.errors)
    form = FORMS[kind].read(document, findings, path)
    values = {name: value for name, value in form.values.items() if value is not None}
    secrets = _secrets_of(kind, values, findings, path, stored)
    _check(kind, values, findings, path)
    if len(findings.errors) > before:
        return Verify(), secrets
    return Verify(_document(kind, values, secrets)), secrets


def _secrets_of(
    kind: str,
    values: dict[str, Any],
    findings: Findings,
    path: str,
    stored: Sequence[str] | None,
) -> tuple[str, ...]:
    single = _SINGLE.get(kind, "secret")
    one, several = values.pop(single, None), values.pop("secrets", None)
    if one is not None and several is not None:
        findings.add(below(path, single), "cannot be there together with secrets")
    given = several if several is not None else () if one is None else (one,)
    place = "secrets" if several is not None else single
    if not given and _needs_secret(kind) and not findings.touch(below(path, place)):
        findings.add(below(path, single), "is required")
    found: list[str] = []
    for index, text in enumerate(given):
        kept = stored[index] if stored is not None and index < len(stored) else None
        if text == MASK and kept is None:
            at = below(path, place) if several is None else below(below(path, place), index)
            findings.add(at, "has nothing stored that it could keep")
        found.append(kept if text == MASK and kept is not None else text)
    _check_keys(kind, values, found, findings, below(path, place))
    return tuple(found)


def _needs_secret(kind: str) -> bool:
    known = preset(kind)
    return "secret" in known.requires if known else kind in _SINGLE


def _check_keys(
    kind: str, values: Mapping[str, Any], secrets: Sequence[str], findings: Findings, path: str
) -> None:
    """Whether each secret stands for a key in one of the ways that the schemes take it."""
    known = preset(kind)
    schemes: Sequence[Mapping[str, Any]] = known.schemes if known else (values,)
    ways = {each.get("key_encoding", "text") for each in schemes}
    for secret in secrets:
        if secret != MASK and not any(key_of(secret, way) for way in ways):
            words = {"whsec": "whsec_ and the key in base64", "hex": "the key in hex"}
            way = min(ways)
            findings.add(path, f"must be {words.get(way, f'the key in {way}')}")


def _check(kind: str, values: dict[str, Any], findings: Findings, path: str) -> None:
    known = preset(kind)
    if known is not None:
        _check_preset(known, values, findings, path)
    if kind in ("hmac", "token", "public_key"):
        places = [name for name in ("header", "query", "field") if name in values]
        if len(places) != 1 and not findings.touch(below(path, "header")):
            findings.add(below(path, "header"), "must be there, or query, and not both")
    if kind in ("hmac", "public_key"):
        _check_times(values, findings, path)
    if kind == "public_key":
        _check_key(values, findings, path)
    for place in values.get("expect") or {}:
        problem = _source_problem(place)
        if problem:
            findings.add(below(below(path, "expect"), place), problem)


def _check_preset(known: Preset, values: dict[str, Any], findings: Findings, path: str) -> None:
    for name in known.requires:
        if name != "secret" and name not in values and not findings.touch(below(path, name)):
            findings.add(below(path, name), "is required")
    asked = {*known.requires, "secret", "expect", "tolerance_seconds", "on_mismatch", "type"}
    for name in values:
        if name not in asked:
            findings.add(below(path, name), "is not a known field")
    if "key" in known.requires and "key" in values:
        _check_key({**known.schemes[0], **values}, findings, path)


def _check_times(values: dict[str, Any], findings: Findings, path: str) -> None:
    if isinstance(values.get("timestamp"), Shape):
        values["timestamp"] = dict(values["timestamp"].values)
    text = values["signed_content"]
    content = None if _content_problem(text) else parse(text)
    older = content is not None and content.timestamp_header is not None
    if "timestamp" not in values and not older:
        if "tolerance_seconds" in values:
            findings.add(below(path, "tolerance_seconds"), "needs a timestamp to be judged by")
        if content is not None and "timestamp" in content.placeholders:
            findings.add(below(path, "timestamp"), "must say where {timestamp} stands")
        return
    values.setdefault("tolerance_seconds", DEFAULT_TOLERANCE_SECONDS)
    place = str((values.get("timestamp") or {}).get("from", ""))
    kind, _, name = place.partition(":")
    signed = set() if content is None else content.placeholders & {"timestamp", kind}
    if content is not None and not older and not signed:
        findings.add(below(path, "timestamp"), f"must be signed: {name} is not in signed_content")


def _check_key(values: Mapping[str, Any], findings: Findings, path: str) -> None:
    # Imported here: cryptography is slow to load, and only the API checks keys.
    from hookline.domain.inbound.public_keys import public_key  # noqa: PLC0415

    key, url = values.get("key"), values.get("key_url")
    if (key is None) == (url is None):
        findings.add(below(path, "key"), "must be there, or key_url, and not both")
    elif url is not None and not values.get("key_hosts"):
        findings.add(below(path, "key_hosts"), "must name the hosts that key_url may lead to")
    elif key is not None and "algorithm" in values:
        try:
            public_key(key, values["algorithm"])
        except Refused as error:
            findings.add(below(path, "key"), error.detail)


def _document(kind: str, values: Mapping[str, Any], secrets: Sequence[str]) -> dict[str, Any]:
    """The document to keep, its secrets masked."""
    plain = {name: _plain(value) for name, value in values.items()}
    if "header" in plain:
        plain["header"] = str(plain["header"]).lower()
    if len(secrets) == 1:
        plain[_SINGLE.get(kind, "secret")] = MASK
    elif secrets:
        plain["secrets"] = [MASK] * len(secrets)
    return {"type": kind, **{name: value for name, value in plain.items() if name != "type"}}


def _plain(value: object) -> object:
    if isinstance(value, Shape):
        return {name: _plain(part) for name, part in value.values.items() if part is not None}
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
