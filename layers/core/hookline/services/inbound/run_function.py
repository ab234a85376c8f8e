"""Does what one function says with one message: publish, invoke or forward."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, assert_never

from hookline.domain.documents.strict_json import dumps
from hookline.domain.event.event import Event
from hookline.domain.event.rules import is_event_id
from hookline.domain.ids import EventId, TenantId, new_id
from hookline.domain.inbound.credentials import texts_of_provider
from hookline.domain.inbound.forwarding import handed_on
from hookline.domain.inbound.function import Forward, Function, Invoke, Publish
from hookline.domain.inbound.message import Message, end_of_log, shortened
from hookline.domain.inbound.provider import Provider, ProviderSecrets
from hookline.domain.inbound.views import function_view
from hookline.domain.net.traceparent import read as read_traceparent
from hookline.domain.request.scrubbing import scrub
from hookline.domain.sandbox.expressions import ExpressionFailed, compile_expression
from hookline.errors import Refused, Rejected, TooManyRequests, Unavailable
from hookline.ports import Clock
from hookline.ports.inbound import Invocations, ProviderVault, Threw
from hookline.services.event.publish import Accepted

if TYPE_CHECKING:
    from hookline.ports.events import Events
    from hookline.ports.webhooks import Webhooks

FORWARDED_TYPE = "inbound.forwarded"
"""The type of the events that carry forwarded bodies; the log of the webhook shows it."""

_OWN_CHARACTERS = 16
"""Of a digest, behind the id that a function gives its event."""

_GIVEN_CHARACTERS = 64 - 1 - _OWN_CHARACTERS
"""An id has 64 characters at most; what is cut off is in the digest."""


@dataclass(frozen=True, slots=True)
class Ran:
    """It did what it should; ``message`` and ``log`` are what it said.

    ``event_id`` is of the event that it published or forwarded.
    """

    message: str
    log: str = ""
    event_id: EventId | None = None


@dataclass(frozen=True, slots=True)
class WentWrong:
    """It did not; ``again`` says whether another try could end otherwise.

    ``surprise`` is a bug of ours, where it was that.
    """

    message: str
    log: str = ""
    again: bool = True
    surprise: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What a function or its expressions get to know, and may say again."""

    message: Message
    provider: Provider
    secrets: ProviderSecrets

    def scope(self) -> dict[str, object]:
        """The message, and the properties with the secret ones in clear."""
        return {
            "message": function_view(self.message, self.provider),
            "properties": {**self.provider.properties, **self.secrets.properties},
        }

    def scrubbed(self, text: str) -> str:
        """What was said, as the log may keep it."""
        return scrub(text, texts_of_provider(self.secrets))


class PublishEvent(Protocol):
    """Publishes an event as the API does; `Publish` in production."""

    def __call__(
        self, tenant: TenantId, document: Mapping[str, object], *, traceparent: str | None = None
    ) -> Accepted:
        """Once the event is durable. Raises Rejected, TooLarge and TooManyRequests."""
        ...


class RunFunction:
    """Runs one function; every expected end of it is a value.

    An event is identified by the function and the message, or by the function and the id that the
    function gives it: a run that is repeated after a crash publishes and forwards nothing twice,
    two functions publish one each, and a resubmitted message publishes anew.
    """

    def __init__(
        self,
        *,
        publish: PublishEvent,
        events: Events,
        webhooks: Webhooks,
        invocations: Invocations,
        vault: ProviderVault,
        allowed_functions: AbstractSet[str],
        clock: Clock,
    ) -> None:
        self._publish_event = publish
        self._events = events
        self._webhooks = webhooks
        self._invocations = invocations
        self._vault = vault
        self._allowed_functions = allowed_functions
        self._clock = clock

    def __call__(self, function: Function, message: Message, provider: Provider) -> Ran | WentWrong:
        """What came of it."""
        try:
            match function.action:
                case Publish():
                    return self._publish(function.action, function, self._told(message, provider))
                case Invoke():
                    return self._invoke(function.action, self._told(message, provider))
                case Forward():
                    return self._forward(function.action, function, message)
                case _ as unreachable:
                    assert_never(unreachable)
        except Unavailable as error:
            return WentWrong(shortened(f"AWS did not do its part: {error}"))

    def _publish(self, action: Publish, function: Function, told: _Told) -> Ran | WentWrong:
        scope, message = told.scope(), told.message
        try:
            evaluated = {name: _evaluated(value, scope) for name, value in action.event.items()}
            document = {name: value for name, value in evaluated.items() if value is not None}
            document["id"] = _published_id(document.get("id"), message, function)
            accepted = self._publish_event(
                message.tenant, document, traceparent=message.call.headers.get("traceparent")
            )
        except TooManyRequests as error:
            return WentWrong(shortened(error.detail))
        except (ExpressionFailed, Refused) as error:
            why = told.scrubbed(_why(error))
            return WentWrong(shortened(f"the event cannot be published: {why}"), again=False)
        again = " again" if accepted.duplicate else ""
        return Ran(f"published {accepted.id}{again}", event_id=accepted.id)

    def _invoke(self, action: Invoke, told: _Told) -> Ran | WentWrong:
        if action.function_arn not in self._allowed_functions:
            # The stack's parameter may have been narrowed since the function was saved.
            return WentWrong("the stack does not allow this Lambda function", again=False)
        result = self._invocations.invoke(action.function_arn, told.scope())
        if isinstance(result, Threw):
            return WentWrong(
                shortened(told.scrubbed(result.message)), end_of_log(told.scrubbed(result.log))
            )
        answer = result.answer if isinstance(result.answer, Mapping) else {}
        log = result.log if answer.get("log") is None else _text(answer["log"])
        return Ran(
            shortened(told.scrubbed(_text(answer.get("message")))), end_of_log(told.scrubbed(log))
        )

    def _forward(self, action: Forward, function: Function, message: Message) -> Ran | WentWrong:
        webhook = self._webhooks.get(message.tenant, action.webhook_id)
        if webhook is None or not webhook.enabled:
            state = "is off" if webhook else "does not exist"
            return WentWrong(f"the webhook {action.webhook_id} {state}", again=False)
        event = Event(
            tenant=message.tenant,
            id=_event_id(message, function),
            type=FORWARDED_TYPE,
            accepted_at=self._clock(),
            occurred_at=message.received_at,
            target=action.webhook_id,
            pristine=handed_on(message.call, action.headers),
            traceparent=read_traceparent(message.call.headers.get("traceparent")),
        )
        self._events.accept(event)
        return Ran(f"forwarded as {event.id}", event_id=event.id)

    def _told(self, message: Message, provider: Provider) -> _Told:
        secrets = ProviderSecrets()
        if provider.sealed_secrets:
            secrets = self._vault.open(provider.tenant, provider.id, provider.sealed_secrets)
        return _Told(message, provider, secrets)


def _event_id(message: Message, function: Function) -> EventId:
    digest = hashlib.sha256(f"{message.tenant}/{message.id}/{function.id}".encode()).digest()
    return EventId(new_id("evt", message.received_at, digest[:10]))


def _published_id(given: object, message: Message, function: Function) -> object:
    """The id to publish under: the given one made this function's own, and this resubmit's."""
    if given is None:
        return _event_id(message, function)
    if not isinstance(given, str) or not is_event_id(given):
        return given  # the rules of events say what is wrong with it
    run = message.id if message.original else ""
    digest = hashlib.sha256(f"{given}/{function.id}/{run}".encode()).hexdigest()
    return f"{given[:_GIVEN_CHARACTERS]}-{digest[:_OWN_CHARACTERS]}"


def _evaluated(value: object, scope: Mapping[str, object]) -> object:
    """The value with each text in it evaluated; what came to null is left out of objects."""
    if isinstance(value, str):
        return compile_expression(value).evaluate(scope)
    if isinstance(value, Mapping):
        parts = {name: _evaluated(part, scope) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None}
    return value


def _why(error: ExpressionFailed | Refused) -> str:
    if isinstance(error, Rejected):
        return "; ".join(f"{each.field} {each.message}" for each in error.errors)
    return str(error)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value)
