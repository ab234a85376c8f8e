"""A provider: how calls of one third party are recognised and verified (reference row FD-1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from hookline.domain.ids import PrincipalId, ProviderId, TenantId
from hookline.domain.inbound.answers import Challenge, Respond, challenge_of, respond_of
from hookline.domain.inbound.verify import Verify

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

Mode = Literal["async", "sync"]
MODES: tuple[Mode, ...] = ("async", "sync")


@dataclass(frozen=True, slots=True)
class ProviderSecrets:
    """All secrets of one provider, in clear; sealed together before being stored.

    ``credentials`` are the secrets, tokens or passwords of its verification, any of which will do.
    ``properties`` has those whose names, or the names inside them, sound secret.
    """

    credentials: tuple[str, ...] = field(default=(), repr=False)
    properties: Mapping[str, object] = field(default_factory=dict, repr=False)

    def as_plain(self) -> dict[str, object]:
        """As one JSON object, to be sealed."""
        return {"credentials": list(self.credentials), "properties": dict(self.properties)}

    @classmethod
    def from_plain(cls, fields: Mapping[str, Any]) -> ProviderSecrets:
        """The reverse of `as_plain`."""
        older = [fields["credential"]] if fields.get("credential") else []
        return cls(tuple(fields.get("credentials", older)), fields["properties"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider's configuration; secret properties as `hookline.domain.mask.MASK`.

    Its place in the sequence is stored in `Configuration`, so that all are reordered at once.
    ``challenges`` and ``respond`` are as users write them; a preset has defaults for both. With
    ``mode`` None the caller decides whether to wait.
    """

    tenant: TenantId
    id: ProviderId
    name: str
    match: Match
    verify: Verify = field(default_factory=Verify)
    challenges: tuple[Mapping[str, Any], ...] = ()
    respond: Mapping[str, Any] | None = None
    mode: Mode | None = None
    sealed_secrets: str | None = field(default=None, repr=False)
    description: str = ""
    active: bool = True
    properties: Mapping[str, object] = field(default_factory=dict)
    version: int = 1
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime
    updated_by: PrincipalId

    def secrets(
        self, opened: Callable[[TenantId, ProviderId, str], ProviderSecrets]
    ) -> ProviderSecrets:
        """Its secrets in clear; a vault is asked only where it has any."""
        sealed = self.sealed_secrets
        return opened(self.tenant, self.id, sealed) if sealed else ProviderSecrets()

    @property
    def all_challenges(self) -> tuple[Challenge, ...]:
        """Its own, then its preset's."""
        own = tuple(challenge_of(each) for each in self.challenges)
        preset = self.verify.preset
        return own + (preset.challenges if preset else ())

    @property
    def answer(self) -> Respond | None:
        """Its fixed answer to all other calls, if it has one."""
        if self.respond is not None:
            return respond_of(self.respond)
        return self.verify.preset.respond if self.verify.preset else None
