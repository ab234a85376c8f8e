"""Finds the provider of a message: its match is true and its verification passes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from hookline.domain.ids import MessageId
from hookline.domain.inbound.answers import Answer, Challenge
from hookline.domain.inbound.challenges import answer_of, challenge_in, scope_of
from hookline.domain.inbound.configuration import Configuration, Refusal, Routed, first_match
from hookline.domain.inbound.credentials import credential_names, texts_of_call, without_credentials
from hookline.domain.inbound.function import bare_uri
from hookline.domain.inbound.hosts import is_of
from hookline.domain.inbound.message import RETENTION, Call, Message, shortened
from hookline.domain.inbound.provider import MatchExpression, MatchFunction, Provider
from hookline.domain.inbound.signatures import (
    Arrival,
    Fetch,
    NotVerified,
    Replayable,
    Verdict,
    Verified,
)
from hookline.domain.inbound.views import delivery_id, match_function_view, match_view
from hookline.domain.request.scrubbing import scrub
from hookline.domain.sandbox.expressions import ExpressionFailed, compile_expression, truthy
from hookline.errors import Refused, Unavailable
from hookline.ports import Clock
from hookline.ports.inbound import (
    InboundConfigurations,
    Invocations,
    ProviderVault,
    SeenSignatures,
    Threw,
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One message and what expressions see of it, computed once for all providers."""

    message: Message
    view: Mapping[str, object] = field(repr=False)
    credential_names: AbstractSet[str]

    @classmethod
    def about(cls, message: Message, configuration: Configuration) -> _Asked:
        """The message for the providers of this configuration."""
        names = credential_names(configuration)
        return cls(message, match_view(message, without_credentials(message.call, names)), names)

    def reason(self, text: str) -> str:
        """The reason without secrets, for the log: a user's function may repeat what it saw."""
        return shortened(scrub(text, texts_of_call(self.message.call, self.credential_names)))


@dataclass(frozen=True, slots=True)
class Found:
    """The message is this provider's, unless its signature was seen before."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class Challenged:
    """The message is a challenge; ``answer`` is None if any answer will do."""

    provider: Provider
    challenge: Challenge
    answer: Answer | None
    shown: Call
    """The call without credentials."""


@dataclass(frozen=True, slots=True)
class Denied:
    """A provider refused a call that does not verify, as it is set to."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class Nobodys:
    """No provider takes the message."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A look is not enough: this provider has to ask a function, or fetch a key."""

    provider: Provider


Look = Found | Challenged | Denied | Nobodys | Undecided


class MatchMessage:
    """Tries the providers in sequence.

    A resubmitted message is verified as its original was, as of its arrival. Credentials are not
    stored: where they were the proof, it counts whether the original passed. Expressions never see
    credentials, so that they say the same when a message comes and when it is resubmitted.

    Everything fails closed: the provider is passed over, with the reason. Only if AWS fails is
    nothing decided, and `Unavailable` raised.
    """

    def __init__(
        self,
        *,
        configurations: InboundConfigurations,
        vault: ProviderVault,
        seen: SeenSignatures,
        invocations: Invocations,
        fetch: Fetch,
        clock: Clock,
    ) -> None:
        self._configurations = configurations
        self._vault = vault
        self._seen = seen
        self._invocations = invocations
        self._fetch = fetch
        self._clock = clock

    def __call__(self, message: Message, configuration: Configuration) -> Routed:
        """The provider of the message, and those passed over before it."""
        asked = _Asked.about(message, configuration)
        return first_match(configuration.providers, lambda each: self._refusal(each, asked))

    def first_look(self, message: Message) -> Look | None:
        """What can be told of a new message merely by looking at it; None without any providers.

        Nothing is written or invoked. A key is fetched only if the provider tells the caller
        whether the call verifies. The result decides the answer, and nothing else.
        """
        configuration = self._configurations.load(message.tenant)
        if not configuration.providers:
            return None
        asked = _Asked.about(message, configuration)
        denied: Denied | None = None
        for provider in configuration.providers:
            if not provider.active:
                continue
            try:
                look = self._look(provider, asked)
            except Unavailable:
                return Undecided(provider)
            if isinstance(look, Denied) and not provider.verify.refuses:
                denied = denied or look
            elif look is not None:
                return look
        return denied or Nobodys()

    def challenge(self, message: Message, provider: Provider) -> Challenge | None:
        """The challenge in a message of this provider, if it is one."""
        if not provider.all_challenges:
            return None
        scope = scope_of(message, provider, provider.secrets(self._vault.open))
        return challenge_in(provider, scope, verified=True)

    def confirm(self, message: Message, provider: Provider) -> str | None:
        """Fetches the url that a call asks for, once, from its sender's own hosts alone.

        Returns a note for the log; None if nothing is asked. Raises Unavailable.
        """
        confirm = provider.verify.preset.confirm if provider.verify.preset else None
        if confirm is None or message.original is not None:
            return None
        if not truthy(compile_expression(confirm.when).evaluate(match_view(message))):
            return None
        url = confirm.url.of(message.call)
        if url is None or not is_of(url, confirm.hosts):
            return f"{confirm.note}: its address is none of the sender's own"
        try:
            self._fetch(url, confirm.hosts)
        except Refused as error:
            return f"{confirm.note}: {error.detail}"
        return f"{confirm.note}: confirmed"

    def repeat_of(self, message: Message, provider: Provider) -> MessageId | None:
        """The message that the sender repeats with this one, if it does.

        Told by the sender's id of the delivery and the same body: some share ids among events.
        """
        name = delivery_id(message, provider)
        if not name or message.original is not None:
            return None
        body = hashlib.sha256(message.call.body).hexdigest()
        text = f"delivery/{bare_uri(message.call.uri)}/{name}/{body}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        delivery = Replayable(digest, message.received_at + RETENTION)
        first = self._seen.first(provider.tenant, provider.id, delivery, message.id, self._clock())
        return None if first == message.id else first

    def _look(self, provider: Provider, asked: _Asked) -> Look | None:
        # Somebody waits for the answer to a synchronous call, and should know.
        tells = provider.verify.refuses or provider.mode == "sync"
        fetch = self._fetch if tells else _not_now
        if isinstance(provider.match, MatchFunction):
            verdict = self._verify(provider, asked.message, fetch)
            return Undecided(provider) if isinstance(verdict, Verified) else None
        if _expression_refusal(provider.match, asked) is not None:
            return None
        scope: Mapping[str, object] = {}
        if provider.all_challenges:
            scope = scope_of(asked.message, provider, provider.secrets(self._vault.open))
            unsigned = challenge_in(provider, scope, verified=False)
            if unsigned is not None:
                return _challenged(provider, unsigned, scope, asked)
        verdict = self._verify(provider, asked.message, fetch)
        if isinstance(verdict, NotVerified):
            return Denied(provider) if tells else None
        signed = challenge_in(provider, scope, verified=True)
        return Found(provider) if signed is None else _challenged(provider, signed, scope, asked)

    def _refusal(self, provider: Provider, asked: _Asked) -> Refusal | None:
        # The cheapest check first: no stranger's call costs a decryption or an invocation before an
        # expression is true, nor an invocation before its signature is right.
        if isinstance(provider.match, MatchExpression):
            reason = _expression_refusal(provider.match, asked)
            if reason is not None:
                return Refusal(reason)
        verdict = self._verify(provider, asked.message, self._fetch)
        if isinstance(verdict, NotVerified):
            return Refusal(f"not verified: {verdict.reason}", final=provider.verify.refuses)
        if isinstance(provider.match, MatchFunction) and not _was_of(provider, asked.message):
            reason = self._function_refusal(provider.match, asked)
            if reason is not None:
                return Refusal(reason)
        return self._replay_refusal(provider, asked.message, verdict)

    def _verify(self, provider: Provider, message: Message, fetch: Fetch) -> Verdict:
        if provider.verify.is_open:
            return Verified()
        credentials = provider.secrets(self._vault.open).credentials
        # As of its arrival: the time in the queue is ours, not the sender's.
        arrival = Arrival(message.call, message.came_in.received_at, fetch)
        trusted = None if message.original is None else _was_of(provider, message)
        return provider.verify.judge(credentials, arrival, trusted=trusted)

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
    ) -> Refusal | None:
        if verdict.signature is None:
            return None
        first = self._seen.claim(
            provider.tenant, provider.id, verdict.signature, message.came_in.id, self._clock()
        )
        return None if first else Refusal("not verified: the signature was seen before")


def _was_of(provider: Provider, message: Message) -> bool:
    """Whether a resubmitted message matched this provider when it came."""
    return message.original is not None and message.original.provider_id == provider.id


def _challenged(
    provider: Provider, challenge: Challenge, scope: Mapping[str, object], asked: _Asked
) -> Challenged:
    answer = answer_of(challenge, scope) if challenge.answers else None
    kept = provider.verify.signature_headers
    shown = without_credentials(asked.message.call, asked.credential_names, kept)
    return Challenged(provider, challenge, answer, shown)


def _expression_refusal(match: MatchExpression, asked: _Asked) -> str | None:
    try:
        if truthy(compile_expression(match.expression).evaluate(asked.view)):
            return None
    except ExpressionFailed as error:
        return asked.reason(f"the match could not be evaluated: {error}")
    return "the match is false"


def _not_now(url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:  # noqa: ARG001 - the port's
    raise Unavailable(f"not fetched at a first look: {url[:100]} of {len(hosts)}")
