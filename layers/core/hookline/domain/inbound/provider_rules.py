"""Reads a provider as users write it: every broken rule at once, masked secrets kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from hookline.domain.documents.fields import Fields, Findings, none_of, set_by_the_server
from hookline.domain.documents.strict_json import dumps
from hookline.domain.inbound.documents import READ_ONLY_OF_PROVIDER
from hookline.domain.inbound.presets import standard_webhooks_key
from hookline.domain.inbound.property_rules import read_properties
from hookline.domain.inbound.provider import (
    Match,
    MatchExpression,
    MatchFunction,
    ProviderSecrets,
)
from hookline.domain.inbound.signed_content import InvalidSignedContent, SignedContent, parse
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
from hookline.domain.net.header_rules import is_field_name
from hookline.domain.sandbox.expressions import MAX_BYTES, InvalidExpression, compile_expression
from hookline.domain.webhook.webhook import MASK

MAX_SECRETS_BYTES = 4_000
"""Of one provider together: KMS encrypts up to 4 KB in one call."""

SHORTEST_CREDENTIAL = 6
"""Characters of a secret, token or password: one is guessed in no time."""

_DEFAULT_TOLERANCE_SECONDS = 300
_ALGORITHMS: tuple[Algorithm, ...] = ("sha256", "sha1", "sha512")
_ENCODINGS: tuple[Encoding, ...] = ("hex", "base64")
_TYPES: tuple[PresetName | Literal["hmac", "token", "basic", "none"], ...] = (
    *get_args(PresetName),
    *("hmac", "token", "basic", "none"),
)
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
    document: Mapping[str, object],
    allowed_functions: AbstractSet[str],
    stored: ProviderSecrets | None = None,
) -> ProviderSettings:
    """The settings of a document such as product section 12 shows.

    ``stored`` are the secrets that stand: a value sent as `MASK` keeps its own among them.
    Raises Rejected with every broken rule.
    """
    fields = Fields(document, Findings())
    name = fields.required_text("name", 200)
    description = fields.prose("description", 500) or ""
    active = fields.boolean("active", default=True)
    match = _match(required_object(fields, "match"), allowed_functions)
    verification, credential = _verification(required_object(fields, "verify"), stored)
    properties, secret = read_properties(fields, stored)
    fields.close(set_by_the_server(READ_ONLY_OF_PROVIDER))
    if len(dumps([credential, secret]).encode()) > MAX_SECRETS_BYTES:
        fields.refuse("properties", f"secrets together must not exceed {MAX_SECRETS_BYTES:,} bytes")
    fields.findings.settle()
    return ProviderSettings(
        name=name,
        description=description,
        active=active,
        match=match,
        verification=verification,
        properties=properties,
        secrets=ProviderSecrets(credential, secret),
    )


def required_object(fields: Fields, name: str) -> Fields | None:
    """An object within; None, and noted, where there is none."""
    if fields.raw(name) is None:
        fields.refuse(name, "is required")
        return None
    return fields.inner(name)


def required_choice[Choice: str](
    fields: Fields, name: str, choices: Sequence[Choice]
) -> Choice | None:
    """One of the given words; None, and noted, for anything else."""
    value = fields.raw(name)
    for choice in choices:
        if value == choice:
            return choice
    fields.refuse(name, none_of(choices))
    return None


def function_arn(fields: Fields, allowed_functions: AbstractSet[str]) -> str:
    """Reads ``function_arn``: only what the stack's parameter names may be invoked."""
    arn = fields.required_text("function_arn", 400)
    if arn and not _FUNCTION_ARN.fullmatch(arn):
        fields.refuse("function_arn", "must be the ARN of a Lambda function")
    elif arn and arn not in allowed_functions:
        fields.refuse("function_arn", "is not among the stack's parameter InvokeFunctionArns")
    return arn


def check_expression(fields: Fields, name: str, text: str) -> None:
    """Notes why a text is no JMESPath expression, and where."""
    try:
        compile_expression(text)
    except InvalidExpression as error:
        fields.refuse(name, error.detail)


def _match(fields: Fields | None, allowed_functions: AbstractSet[str]) -> Match:
    if fields is None:
        return MatchExpression("")
    match: Match
    if fields.has("function_arn") and not fields.has("expression"):
        match = MatchFunction(function_arn(fields, allowed_functions))
    else:
        if not fields.has("expression"):
            fields.refuse("expression", "is required, unless there is a function_arn")
        match = MatchExpression(fields.prose("expression", MAX_BYTES) or "")
        if match.expression:
            check_expression(fields, "expression", match.expression)
    fields.close({"function_arn": "cannot be there together with expression"})
    return match


def _verification(
    fields: Fields | None, stored: ProviderSecrets | None
) -> tuple[Verification, str | None]:
    if fields is None:
        return Unverified(), None
    kind = required_choice(fields, "type", _TYPES)
    credential: str | None = None
    verification: Verification
    match kind:
        case None:
            return Unverified(), None
        case "none":
            verification = Unverified()
        case "hmac":
            verification = _hmac(fields)
            credential = _credential(fields, "secret", stored)
        case "token":
            verification = _token(fields)
            credential = _credential(fields, "token", stored)
        case "basic":
            verification = Basic(fields.required_text("username", 200))
            if ":" in verification.username:
                fields.refuse("username", "must not contain a colon (RFC 7617)")
            credential = _credential(fields, "password", stored)
        case _:
            verification = Preset(kind)
            credential = _credential(fields, "secret", stored)
            if kind == "standard-webhooks" and standard_webhooks_key(credential) is None:
                fields.refuse("secret", "must be whsec_ and the key in base64")
    fields.close()
    return verification, credential


def _credential(fields: Fields, name: str, stored: ProviderSecrets | None) -> str:
    given = fields.raw(name)
    if given is None:
        fields.refuse(name, "is required")
    if given != MASK:
        return fields.text(name, 1_000, shortest=SHORTEST_CREDENTIAL) or ""
    if stored is None or stored.credential is None:
        fields.refuse(name, "has nothing stored that it could keep")
        return MASK
    return stored.credential


def _hmac(fields: Fields) -> Hmac:
    algorithm = required_choice(fields, "algorithm", _ALGORITHMS) or "sha256"
    encoding = required_choice(fields, "encoding", _ENCODINGS) or "hex"
    content = _signed_content(fields)
    seconds = fields.integer("tolerance_seconds", 1, 86_400)
    if seconds is not None and content.timestamp_header is None:
        fields.refuse(
            "tolerance_seconds", "needs a {timestamp:NAME} in signed_content to be judged by"
        )
    if seconds is None and content.timestamp_header is not None:
        seconds = _DEFAULT_TOLERANCE_SECONDS
    return Hmac(
        algorithm=algorithm,
        header=_header_name(fields),
        prefix=fields.text("prefix", 50, shortest=0) or "",
        encoding=encoding,
        signed_content=content,
        tolerance=None if seconds is None else timedelta(seconds=seconds),
    )


def _signed_content(fields: Fields) -> SignedContent:
    try:
        return parse(fields.prose("signed_content", 500) or "{body}")
    except InvalidSignedContent as error:
        fields.refuse("signed_content", error.detail)
        return parse("{body}")


def _token(fields: Fields) -> HeaderToken | QueryToken:
    header, query = fields.raw("header"), fields.raw("query")
    if (header is None) == (query is None):
        fields.refuse("header", "must be there, or query, and not both")
        return HeaderToken("")
    if query is not None:
        return QueryToken(fields.required_text("query", 100))
    return HeaderToken(_header_name(fields))


def _header_name(fields: Fields) -> str:
    name = fields.required_text("header", 100)
    if name and not is_field_name(name):
        fields.refuse("header", "is not a header name (RFC 9110)")
    return name.lower()
