"""Reads a provider as users write it: every broken rule at once, masked secrets kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

from hookline.domain.header_rules import is_field_name, is_sensitive
from hookline.domain.inbound.fields import Fields
from hookline.domain.inbound.presets import standard_webhooks_key
from hookline.domain.inbound.provider import (
    Match,
    MatchExpression,
    MatchFunction,
    ProviderSecrets,
)
from hookline.domain.inbound.signed_content import InvalidTemplate, SignedContent, parse
from hookline.domain.inbound.verification import (
    Algorithm,
    Basic,
    Encoding,
    HeaderToken,
    Hmac,
    Preset,
    PresetName,
    QueryToken,
    Unverified,
    Verification,
)
from hookline.domain.strict_json import dumps
from hookline.domain.webhook import MASK
from hookline.errors import FieldError, Rejected

MAX_SECRETS_BYTES = 4_000
"""Of one provider together: KMS encrypts up to 4 KB in one call."""

_MAX_PROPERTIES_BYTES = 16_384
_DEFAULT_TOLERANCE_SECONDS = 300
_PRESETS: tuple[PresetName, ...] = get_args(PresetName)
_GENERAL = ("hmac", "token", "basic", "none")
_FUNCTION_ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_:$-]{1,200}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What a user decides about a provider, checked; the secrets apart from the rest."""

    name: str
    description: str
    active: bool
    match: Match
    verification: Verification
    properties: Mapping[str, object]
    secrets: ProviderSecrets


def read_provider(
    document: object, allowed_functions: AbstractSet[str], stored: ProviderSecrets | None = None
) -> ProviderSettings:
    """The settings of a document such as product section 12 shows.

    ``stored`` are the secrets that stand: a value sent as `MASK` keeps its own among them.
    Raises Rejected with every broken rule.
    """
    fields = Fields(document, [])
    name = fields.text("name", most=200)
    description = fields.text("description", least=0, most=500, default="")
    active = fields.flag("active", default=True)
    match = _match(fields.object("match"), allowed_functions)
    verification, credential = _verification(fields.object("verify"), stored)
    properties, secret = _properties(fields, stored)
    fields.refuse_others()
    secrets = ProviderSecrets(credential, secret)
    if len(dumps([credential, secret]).encode()) > MAX_SECRETS_BYTES:
        fields.wrong("properties", f"secrets together must not exceed {MAX_SECRETS_BYTES:,} bytes")
    if fields.errors:
        raise Rejected(fields.errors)
    return ProviderSettings(
        name=name,
        description=description,
        active=active,
        match=match,
        verification=verification,
        properties=properties,
        secrets=secrets,
    )


def check_function_arn(fields: Fields, allowed_functions: AbstractSet[str]) -> str:
    """Reads ``function_arn``: only what the stack's parameter names may be invoked."""
    arn = fields.text("function_arn", most=400)
    if arn and not _FUNCTION_ARN.fullmatch(arn):
        fields.wrong("function_arn", "must be the ARN of a Lambda function")
    elif arn and arn not in allowed_functions:
        fields.wrong("function_arn", "is not among the stack's parameter InvokeFunctionArns")
    return arn


def _match(fields: Fields | None, allowed_functions: AbstractSet[str]) -> Match:
    if fields is None:
        return MatchExpression("")
    if fields.has("function_arn") and not fields.has("expression"):
        match: Match = MatchFunction(check_function_arn(fields, allowed_functions))
    else:
        match = MatchExpression(fields.expression("expression"))
    fields.refuse_others()
    return match


def _verification(
    fields: Fields | None, stored: ProviderSecrets | None
) -> tuple[Verification, str | None]:
    if fields is None:
        return Unverified(), None
    kind = fields.choice("type", (*_PRESETS, *_GENERAL))
    credential: str | None = None
    verification: Verification
    match kind:
        case "none":
            verification = Unverified()
        case "hmac":
            verification = _hmac(fields)
            credential = _credential(fields, "secret", stored)
        case "token":
            verification = _token(fields)
            credential = _credential(fields, "token", stored)
        case "basic":
            verification = Basic(fields.text("username", most=200))
            if ":" in verification.username:
                fields.wrong("username", "must not contain a colon (RFC 7617)")
            credential = _credential(fields, "password", stored)
        case _:
            preset = next(name for name in _PRESETS if name == kind)
            verification = Preset(preset)
            credential = _credential(fields, "secret", stored)
            if preset == "standard-webhooks" and standard_webhooks_key(credential) is None:
                fields.wrong("secret", "must be whsec_ and the key in base64")
    fields.refuse_others()
    return verification, credential


def _credential(fields: Fields, name: str, stored: ProviderSecrets | None) -> str:
    given = fields.text(name, most=1_000)
    if given != MASK:
        return given
    if stored is None or stored.credential is None:
        fields.wrong(name, "has nothing stored that it could keep")
        return given
    return stored.credential


def _hmac(fields: Fields) -> Hmac:
    algorithm: Algorithm = fields.choice("algorithm", get_args(Algorithm))
    encoding: Encoding = fields.choice("encoding", get_args(Encoding))
    content = _signed_content(fields)
    seconds = fields.integer("tolerance_seconds", least=1, most=86_400)
    if seconds is not None and content.timestamp_header is None:
        fields.wrong(
            "tolerance_seconds", "needs a {timestamp:NAME} in signed_content to be judged by"
        )
    if seconds is None and content.timestamp_header is not None:
        seconds = _DEFAULT_TOLERANCE_SECONDS
    return Hmac(
        algorithm=algorithm,
        header=_header_name(fields),
        prefix=fields.text("prefix", least=0, most=50, default=""),
        encoding=encoding,
        signed_content=content,
        tolerance=None if seconds is None else timedelta(seconds=seconds),
    )


def _signed_content(fields: Fields) -> SignedContent:
    try:
        return parse(fields.text("signed_content", most=500, default="{body}"))
    except InvalidTemplate as error:
        fields.wrong("signed_content", error.detail)
        return parse("{body}")


def _token(fields: Fields) -> HeaderToken | QueryToken:
    if fields.has("header") == fields.has("query"):
        fields.wrong("", "must have either header or query")
    if fields.has("query"):
        return QueryToken(fields.text("query", most=100))
    return HeaderToken(_header_name(fields))


def _header_name(fields: Fields) -> str:
    name = fields.text("header", most=100)
    if name and not is_field_name(name):
        fields.wrong("header", "is not a header name (RFC 9110)")
    return name.lower()


def _properties(
    fields: Fields, stored: ProviderSecrets | None
) -> tuple[dict[str, object], dict[str, object]]:
    given = fields.raw("properties")
    if given is None:
        return {}, {}
    if not isinstance(given, dict):
        fields.wrong("properties", "must be a JSON object")
        return {}, {}
    if len(dumps(given).encode()) > _MAX_PROPERTIES_BYTES:
        fields.wrong("properties", f"must not exceed {_MAX_PROPERTIES_BYTES:,} bytes")
    kept = stored.properties if stored is not None else {}
    shown: dict[str, object] = {}
    secret: dict[str, object] = {}
    for name, value in given.items():
        if value == MASK and name in kept:
            secret[name] = kept[name]
        elif value == MASK:
            fields.errors.append(
                FieldError(f"properties.{name}", "has nothing stored that it could keep")
            )
        elif sounds_secret(name, value):
            secret[name] = value
        shown[name] = MASK if name in secret else value
    return shown, secret


def sounds_secret(name: str, value: object) -> bool:
    """Whether a property is kept as a secret: by its name, or by one anywhere inside it."""
    if is_sensitive(name):
        return True
    match value:
        case dict():
            return any(sounds_secret(inner, part) for inner, part in value.items())
        case list():
            return any(sounds_secret("", part) for part in value)
        case _:
            return False
