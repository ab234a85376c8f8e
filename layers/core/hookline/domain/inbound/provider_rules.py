"""Reads a provider as users write it: every broken rule at once, masked secrets kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from hookline.domain.documents.fields import Fields, Findings, none_of, set_by_the_server
from hookline.domain.documents.strict_json import dumps
from hookline.domain.inbound.answer_rules import (
    expression_problem,
    read_challenges,
    read_respond,
)
from hookline.domain.inbound.documents import READ_ONLY_OF_PROVIDER
from hookline.domain.inbound.property_rules import read_properties
from hookline.domain.inbound.provider import (
    MODES,
    Match,
    MatchExpression,
    MatchFunction,
    Mode,
    ProviderSecrets,
)
from hookline.domain.inbound.verify import Verify
from hookline.domain.inbound.verify_rules import read_verify
from hookline.domain.sandbox.expressions import MAX_BYTES

MAX_SECRETS_BYTES = 4_000
"""Of one provider together: KMS encrypts up to 4 KB in one call."""

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
    verify: Verify
    challenges: tuple[Mapping[str, Any], ...]
    respond: Mapping[str, Any] | None
    mode: Mode | None
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
    findings = fields.findings
    name = fields.required_text("name", 200)
    description = fields.prose("description", 500) or ""
    active = fields.boolean("active", default=True)
    match = _match(required_object(fields, "match"), allowed_functions)
    kept = None if stored is None else stored.credentials
    verify, credentials = read_verify(fields.raw("verify"), findings, "verify", kept)
    challenges = read_challenges(fields.raw("challenges"), findings, "challenges")
    respond = read_respond(fields.raw("respond"), findings, "respond")
    mode = None if fields.raw("mode") is None else required_choice(fields, "mode", MODES)
    properties, secret = read_properties(fields, stored)
    fields.close(set_by_the_server(READ_ONLY_OF_PROVIDER))
    if len(dumps([credentials, secret]).encode()) > MAX_SECRETS_BYTES:
        fields.refuse("properties", f"secrets together must not exceed {MAX_SECRETS_BYTES:,} bytes")
    findings.settle()
    return ProviderSettings(
        name=name,
        description=description,
        active=active,
        match=match,
        verify=verify,
        challenges=challenges,
        respond=respond,
        mode=mode,
        properties=properties,
        secrets=ProviderSecrets(credentials, secret),
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
    problem = expression_problem(text)
    if problem is not None:
        fields.refuse(name, problem)


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
