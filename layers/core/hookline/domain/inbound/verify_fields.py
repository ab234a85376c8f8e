"""The fields of a provider's ``verify``: of each general form, and of presets."""

from __future__ import annotations

from collections.abc import Mapping

from hookline.domain.documents.kinds import Choice, Findings, ListOf, MapOf, Text, Whole, below
from hookline.domain.documents.shape import Field, Object, Shape, defaulted, optional, required
from hookline.domain.inbound.presets import preset_names
from hookline.domain.inbound.signed_content import InvalidSignedContent, parse
from hookline.domain.inbound.sources import InvalidSource, source_of
from hookline.domain.mask import MASK
from hookline.domain.net.header_rules import is_field_name
from hookline.domain.net.urls import InvalidUrl, parse_url

SHORTEST_SECRET = 6
"""Characters of a secret, token or password, and bytes of a key: a shorter one is soon guessed."""

MAX_SECRETS = 5
"""Secrets of one provider: two while one is rotated, and more for senders that sign with
several."""


class Secret(Text):
    """A secret in clear, or the mask, which keeps the stored one."""

    def problem(self, given: object) -> str | None:
        """As `Text`, but for the mask."""
        return None if given == MASK else super().problem(given)


def source_problem(text: str) -> str | None:
    """What is wrong with the name of a place in a call."""
    try:
        source_of(text)
    except InvalidSource as error:
        return error.detail
    return None


def content_problem(text: str) -> str | None:
    """What is wrong with a template of signed content."""
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
_SOURCE = Text(1, 210, also=source_problem, example="header:X-Timestamp")
_ALGORITHMS = Choice("sha256", "sha1", "sha512")
_ENCODINGS = Choice("hex", "base64", "base64url")


def _secret() -> Field[str | None]:
    return optional(_SECRET, "Write-only: reads as `*****`, which keeps it.")


def _secrets() -> Field[tuple[str, ...] | None]:
    about = "Several, of which any will do: while one is rotated. In place of the one."
    return optional(_SecretList(_SECRET, 1, MAX_SECRETS), about)


class _SecretList(ListOf[str]):
    """A list of secrets, in which only masks may be repeated."""

    def read(self, given: object, findings: Findings, path: str) -> tuple[str, ...]:
        """The secrets in their order."""
        if not isinstance(given, list) or MASK not in given:
            return super().read(given, findings, path)
        if len(given) > self.most:
            return self._refused(findings, path, f"must not have more than {self.most} items")
        places = [below(path, index) for index in range(len(given))]
        return tuple(map(lambda item, at: self.item.read(item, findings, at), given, places))


class VerifyForm(Shape):
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


class _Signed(VerifyForm):
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
        Text(1, 1_000, also=content_problem, example="{timestamp}.{body}"),
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


class VerifyJwt(VerifyForm):
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


class VerifyToken(VerifyForm):
    """A shared token in one place."""

    type = required(Choice("token"), "The form.")
    header = optional(_HEADER, "The header that is the token,")
    query = optional(Text(1, 100), "or the query parameter,", example="token")
    field = optional(Text(1, 200), "or the field of the body.", example="value[].clientState")
    prefix = optional(Text(1, 50), "What stands before it, such as `Bearer `.")
    token = optional(_SECRET, "Write-only: reads as `*****`, which keeps it.")
    secrets = _secrets()


class VerifyBasic(VerifyForm):
    """HTTP basic authentication."""

    type = required(Choice("basic"), "The form.")
    username = required(Text(1, 200, one_line=True, also=_no_colon), "The user.")
    password = optional(_SECRET, "Write-only: reads as `*****`, which keeps it.")
    secrets = _secrets()


class VerifyNone(VerifyForm):
    """Anybody may call."""

    type = required(Choice("none"), "The form.")


class VerifyPreset(VerifyForm):
    """As a well-known system signs."""

    type = required(Choice(*preset_names()), "The preset.")
    secret, secrets = _secret(), _secrets()
    key = optional(Text(32, 4_000), "The sender's public key, where it signs by one.")
    username = optional(Text(1, 200, one_line=True, also=_no_colon), "Where it logs in.")
    tolerance_seconds = optional(Whole(1, 86_400), "In place of the preset's.")


FORMS: Mapping[str, type[VerifyForm]] = {
    "hmac": VerifyHmac,
    "public_key": VerifyPublicKey,
    "jwt": VerifyJwt,
    "token": VerifyToken,
    "basic": VerifyBasic,
    "none": VerifyNone,
    **dict.fromkeys(preset_names(), VerifyPreset),
}
"""By ``type``."""
