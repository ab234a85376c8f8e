"""Reads a provider as users write it: every broken rule at once, masked secrets kept."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from hookline.domain.documents.kinds import Findings
from hookline.domain.documents.shape import Shape
from hookline.domain.documents.strict_json import dumps
from hookline.domain.inbound.answer_rules import read_challenges, read_respond
from hookline.domain.inbound.fields import (
    MatchExpressionFields,
    MatchFunctionFields,
    ProviderFields,
)
from hookline.domain.inbound.property_rules import read_properties
from hookline.domain.inbound.provider import (
    Match,
    MatchExpression,
    MatchFunction,
    Mode,
    ProviderSecrets,
)
from hookline.domain.inbound.verify import Verify
from hookline.domain.inbound.verify_rules import read_verify

MAX_SECRETS_BYTES = 4_000
"""All secrets of one provider: KMS encrypts up to 4 KB in one call."""


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
    """The settings in a document as in product section 12.

    ``stored`` are the current secrets: a value sent as `MASK` keeps its own. Raises Rejected with
    every broken rule.
    """
    findings = Findings()
    given = ProviderFields.read(document, findings)
    verify, credentials = Verify(), tuple[str, ...]()
    if given.verify is not None:
        kept = None if stored is None else stored.credentials
        verify, credentials = read_verify(given.verify, findings, "verify", kept)
    challenges = read_challenges(given.challenges or None, findings, "challenges")
    respond = read_respond(given.respond, findings, "respond")
    properties, secret = read_properties(given.properties, findings, stored)
    if len(dumps([credentials, secret]).encode()) > MAX_SECRETS_BYTES:
        findings.add("properties", f"secrets together must not exceed {MAX_SECRETS_BYTES:,} bytes")
    match = _match(given.match, allowed_functions, findings)
    findings.settle()
    return ProviderSettings(
        name=given.name,
        description=given.description,
        active=given.active,
        match=match,
        verify=verify,
        challenges=challenges,
        respond=respond,
        mode=given.mode,
        properties=properties,
        secrets=ProviderSecrets(credentials, secret),
    )


def check_function(
    arn: str, path: str, allowed_functions: AbstractSet[str], findings: Findings
) -> None:
    """Only functions that the stack's parameter names may be invoked."""
    if arn not in allowed_functions and not findings.touch(path):
        findings.add(path, "is not among the stack's parameter InvokeFunctionArns")


def _match(given: Shape, allowed_functions: AbstractSet[str], findings: Findings) -> Match:
    match given:
        case MatchFunctionFields(function_arn=arn):
            check_function(arn, "match.function_arn", allowed_functions, findings)
            return MatchFunction(arn)
        case MatchExpressionFields(expression=expression):
            return MatchExpression(expression)
        case _:
            return MatchExpression("")
