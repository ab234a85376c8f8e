"""Finds the provider a message belongs to: its match is true and its verification passes."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hookline.domain.inbound.configuration import Configuration, Routed, first_match
from hookline.domain.inbound.credentials import (
    credential_names,
    proven_by_credential,
    texts_of_call,
    without_credentials,
)
from hookline.domain.inbound.message import Message, shortened
from hookline.domain.inbound.presets import verify
from hookline.domain.inbound.provider import MatchExpression, MatchFunction, Provider
from hookline.domain.inbound.verification import NotVerified, Unverified, Verified
from hookline.domain.inbound.views import match_function_view, match_view
from hookline.domain.request.scrubbing import scrub
from hookline.domain.sandbox.expressions import ExpressionFailed, compile_expression, truthy
from hookline.ports import Clock
from hookline.ports.inbound import Invocations, ProviderVault, SeenSignatures, Threw


@dataclass(frozen=True, slots=True)
class _Asked:
    """One message, and what expressions see of it, made once for all providers."""

    message: Message
    view: Mapping[str, object]
    credential_names: AbstractSet[str]

    def reason(self, text: str) -> str:
        """The reason as the log may keep it: a user's function may tell what it was told."""
        return shortened(scrub(text, texts_of_call(self.message.call, self.credential_names)))


_NOT_KEPT = NotVerified("it had not passed here when it came, and its credentials are not kept")


class MatchMessage:
    """Tries the providers in sequence.

    A resubmitted message is verified as its original was, as of when that came. Where the proof
    was a credential, which is not kept, it counts whether the original passed.

    An expression sees no credentials: the same when a message comes and when it is resubmitted.
    Whatever fails, fails closed: the provider is passed over, with the reason. Only where AWS did
    not do its part nothing is decided, and `Unavailable` is raised.
    """

    def __init__(
        self,
        *,
        vault: ProviderVault,
        seen: SeenSignatures,
        invocations: Invocations,
        clock: Clock,
    ) -> None:
        self._vault = vault
        self._seen = seen
        self._invocations = invocations
        self._clock = clock

    def __call__(self, message: Message, configuration: Configuration) -> Routed:
        """The provider of the message, and those passed over before it."""
        names = credential_names(configuration)
        shown = without_credentials(message.call, names)
        asked = _Asked(message, match_view(message, shown), names)
        return first_match(configuration.providers, lambda each: self._refusal(each, asked))

    def _refusal(self, provider: Provider, asked: _Asked) -> str | None:
        # The cheapest first: no stranger's call costs a decryption or an invocation before an
        # expression said yes, nor an invocation before its signature was right.
        if isinstance(provider.match, MatchExpression):
            reason = _expression_refusal(provider.match, asked)
            if reason is not None:
                return reason
        verdict = self._verify(provider, asked.message)
        if isinstance(verdict, NotVerified):
            return f"not verified: {verdict.reason}"
        if isinstance(provider.match, MatchFunction) and not _was_of(provider, asked.message):
            reason = self._function_refusal(provider.match, asked)
            if reason is not None:
                return reason
        return self._replay_refusal(provider, asked.message, verdict)

    def _verify(self, provider: Provider, message: Message) -> Verified | NotVerified:
        if message.original is not None and proven_by_credential(provider.verification):
            return Verified() if _was_of(provider, message) else _NOT_KEPT
        credential = None
        if not isinstance(provider.verification, Unverified) and provider.sealed_secrets:
            secrets = self._vault.open(provider.tenant, provider.id, provider.sealed_secrets)
            credential = secrets.credential
        # As of its arrival: the wait in the queue is ours, not the sender's.
        arrival = message.came_in.received_at
        return verify(provider.verification, credential, message.call, arrival)

    def _function_refusal(self, match: MatchFunction, asked: _Asked) -> str | None:
        view = match_function_view(asked.message)
        result = self._invocations.invoke(match.function_arn, view)
        if isinstance(result, Threw):
            return asked.reason(f"the match function failed: {result.message}")
        answer = result.answer if isinstance(result.answer, Mapping) else {}
        if answer.get("match") is True:
            return None
        log = answer.get("log")
        said = "the match function said no"
        return asked.reason(f"{said}: {log}") if log else said

    def _replay_refusal(
        self, provider: Provider, message: Message, verdict: Verified
    ) -> str | None:
        if verdict.signature is None:
            return None
        first = self._seen.claim(
            provider.tenant, provider.id, verdict.signature, message.came_in.id, self._clock()
        )
        return None if first else "not verified: the signature was seen before"


def _was_of(provider: Provider, message: Message) -> bool:
    """Whether a resubmitted message was found to be of this provider when it came."""
    return message.original is not None and message.original.provider_id == provider.id


def _expression_refusal(match: MatchExpression, asked: _Asked) -> str | None:
    try:
        if truthy(compile_expression(match.expression).evaluate(asked.view)):
            return None
    except ExpressionFailed as error:
        return asked.reason(f"the match could not be evaluated: {error}")
    return "the match is false"
