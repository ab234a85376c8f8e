"""A provider: how calls of one third party are recognised and verified (reference row FD-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hookline.domain.ids import PrincipalId, ProviderId, TenantId
from hookline.domain.inbound.verification import Verification

MAX_PROVIDERS = 100
"""Providers of one tenant: a call may be matched against all of them."""


@dataclass(frozen=True, slots=True)
class MatchExpression:
    """A JMESPath expression over what `hookline.domain.inbound.views.match_view` shows."""

    expression: str


@dataclass(frozen=True, slots=True)
class MatchFunction:
    """A Lambda function of the user's, which is told the same and the pristine body."""

    function_arn: str


Match = MatchExpression | MatchFunction


@dataclass(frozen=True, slots=True)
class ProviderSecrets:
    """All that is secret about one provider, in clear; sealed as one before it is stored.

    ``credential`` is the secret, token or password of its verification. ``properties`` holds those
    whose names, or the names inside them, sound secret.
    """

    credential: str | None = field(default=None, repr=False)
    properties: Mapping[str, object] = field(default_factory=dict, repr=False)

    def as_plain(self) -> dict[str, object]:
        """As one JSON object: what is sealed."""
        return {"credential": self.credential, "properties": dict(self.properties)}

    @classmethod
    def from_plain(cls, fields: Mapping[str, Any]) -> ProviderSecrets:
        """What `as_plain` made one of."""
        return cls(fields["credential"], fields["properties"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider's configuration; secret properties as `hookline.domain.webhook.webhook.MASK`.

    Its place in the sequence is kept apart, in `Configuration`, so that all are reordered at once.
    """

    tenant: TenantId
    id: ProviderId
    name: str
    match: Match
    verification: Verification
    sealed_secrets: str | None = field(default=None, repr=False)
    description: str = ""
    active: bool = True
    properties: Mapping[str, object] = field(default_factory=dict)
    version: int = 1
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime
    updated_by: PrincipalId
