"""What one function does with one message, once: publish, invoke or forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, assert_never

from hookline.domain.documents.strict_json import dumps
from hookline.domain.event.event import Event
from hookline.domain.event.rules import MAX_EVENT_BYTES, is_event_id
from hookline.domain.ids import EventId, TenantId
from hookline.domain.inbound.credentials import texts_of_provider
from hookline.domain.inbound.forwarding import handed_on
from hookline.domain.inbound.function import (
    Forward,
    Function,
    Invoke,
    Publish,
    event_id,
    own_event_id,
)
from hookline.domain.inbound.message import Message, end_of_log, shortened
from hookline.domain.inbound.provider import Provider, ProviderSecrets
from hookline.domain.inbound.views import function_view
from hookline.domain.net.header_rules import read_traceparent
from hookline.domain.request.scrubbing import scrub
from hookline.domain.sandbox.expressions import ExpressionFailed, compile_expression
from hookline.errors import Refused, Rejected, TooManyRequests, Unavailable
from hookline.ports import Clock
from hookline.ports.inbound import Invocations, Threw
from hookline.services.event.publish import Accepted

if TYPE_CHECKING:
    from hookline.ports.events import Events
    from hookline.ports.webhooks import Webhooks

FORWARDED_TYPE = "inbound.forwarded"
"""The type of the events that carry forwarded bodies; the log of the webhook shows it."""


@dataclass(frozen=True, slots=True)
class Ran:
    """The action succeeded; ``message`` and ``log`` are what it said.

    ``event_ids`` are of the events that it published or forwarded; ``elements`` and ``done`` as in
    `hookline.domain.inbound.message.Execution`.
    """

    message: str
    log: str = ""
    event_ids: tuple[EventId, ...] = ()
    elements: int | None = None
    done: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WentWrong:
    """The action failed; ``again`` where another try could succeed.

    ``surprise`` is the exception of a bug of ours.
    """

    message: str
    log: str = ""
    again: bool = True
    surprise: Exception | None = None
    event_ids: tuple[EventId, ...] = ()
    elements: int | None = None
    done: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a function and its expressions may see."""

    message: Message
    provider: Provider
    secrets: ProviderSecrets
    index: int | None = None
    element: object = None

    def scope(self, *, raw: bool = True) -> dict[str, object]:
        """The message, the properties with the secret ones in clear, and the element if any."""
        of_each = {} if self.index is None else {"element": self.element, "index": self.index}
        view = function_view(self.message, self.provider)
        return {
            "message": {**view, "raw": self.message.call.parsed.raw} if raw else view,
            "properties": {**self.provider.properties, **self.secrets.properties},
            **of_each,
        }

    def scrubbed(self, text: str, *, tail: bool = False) -> str:
        """The text without secrets, as the log may keep it; a ``tail`` may begin inside of one."""
        return scrub(text, texts_of_provider(self.secrets), open_began=tail)


class PublishEvent(Protocol):
    """Publishes an event as the API does; `Publish` in production."""

    def __call__(
        self,
        tenant: TenantId,
        document: Mapping[str, object],
        *,
        traceparent: str | None = None,
        hops: int = 0,
    ) -> Accepted:
        """Once the event is durable. Raises Rejected, TooLarge and TooManyRequests."""
        ...


class Actions:
    """Carries out a function's action; every expected result is a value.

    An event's id comes from the function and the message, or from the function and the id that the
    function gives it. So a run repeated after a crash publishes and forwards nothing twice, two
    functions publish one event each, and a resubmitted message publishes anew.

    ``webhooks`` makes their store when a function first forwards: most processes never need one.
    """

    def __init__(
        self,
        *,
        publish: PublishEvent,
        events: Events,
        webhooks: Callable[[], Webhooks],
        invocations: Invocations,
        allowed_functions: AbstractSet[str],
        clock: Clock,
    ) -> None:
        self._publish_event = publish
        self._events = events
        self._webhooks = webhooks
        self._invocations = invocations
        self._allowed_functions = allowed_functions
        self._clock = clock

    def __call__(self, function: Function, context: Context) -> Ran | WentWrong:
        """Publishes, invokes or forwards once."""
        try:
            match function.action:
                case Publish():
                    return self._publish(function.action, function, context)
                case Invoke():
                    return self._invoke(function.action, context)
                case Forward():
                    return self._forward(function.action, function, context)
                case _ as unreachable:
                    assert_never(unreachable)
        except Unavailable as error:
            return WentWrong(shortened(f"AWS did not do its part: {error}"))

    def _publish(self, action: Publish, function: Function, context: Context) -> Ran | WentWrong:
        scope, message = context.scope(), context.message
        try:
            evaluated = {name: _evaluated(value, scope) for name, value in action.event.items()}
            document = {name: value for name, value in evaluated.items() if value is not None}
            given = document.get("id")
            if given is None:
                document["id"] = event_id(function, message, context.index)
            elif isinstance(given, str) and is_event_id(given):  # else the rules say what is wrong
                document["id"] = own_event_id(given, function, message, context.index)
            accepted = self._publish_event(
                message.tenant,
                document,
                traceparent=message.call.headers.get("traceparent"),
                hops=message.call.hops + 1,
            )
        except TooManyRequests as error:
            return WentWrong(shortened(error.detail))
        except (ExpressionFailed, Refused) as error:
            why = context.scrubbed(_why(error))
            return WentWrong(shortened(f"the event cannot be published: {why}"), again=False)
        again = " again" if accepted.duplicate else ""
        return Ran(f"published {accepted.id}{again}", event_ids=(accepted.id,))

    def _invoke(self, action: Invoke, context: Context) -> Ran | WentWrong:
        if action.function_arn not in self._allowed_functions:
            # The stack's parameter may have been narrowed since the function was saved.
            return WentWrong("the stack does not allow this Lambda function", again=False)
        result = self._invocations.invoke(action.function_arn, context.scope(raw=False))
        if isinstance(result, Threw):
            return WentWrong(
                shortened(context.scrubbed(result.message)),
                end_of_log(context.scrubbed(result.log, tail=True)),
            )
        answer = result.answer if isinstance(result.answer, Mapping) else {}
        own = answer.get("log")
        log = (
            context.scrubbed(result.log, tail=True)
            if own is None
            else context.scrubbed(text_of(own))
        )
        return Ran(shortened(context.scrubbed(text_of(answer.get("message")))), end_of_log(log))

    def _forward(self, action: Forward, function: Function, context: Context) -> Ran | WentWrong:
        message, preset = context.message, context.provider.verify.preset
        size = len(message.call.body)
        if size > MAX_EVENT_BYTES:
            why = f"the body has {size} bytes; an event carries {MAX_EVENT_BYTES}"
            return WentWrong(why, again=False)
        webhook = self._webhooks().get(message.tenant, action.webhook_id)
        if webhook is None or not webhook.enabled:
            state = "is off" if webhook else "does not exist"
            return WentWrong(f"the webhook {action.webhook_id} {state}", again=False)
        event = Event(
            tenant=message.tenant,
            id=event_id(function, message),
            type=FORWARDED_TYPE,
            accepted_at=self._clock(),
            occurred_at=message.received_at,
            target=action.webhook_id,
            pristine=handed_on(
                message.call, (*action.headers, *(preset.forward_headers if preset else ()))
            ),
            hops=message.call.hops + 1,
            traceparent=read_traceparent(message.call.headers.get("traceparent")),
        )
        self._events.accept(event)
        return Ran(f"forwarded as {event.id}", event_ids=(event.id,))


def _evaluated(value: object, scope: Mapping[str, object]) -> object:
    """The value with each string in it evaluated; objects lose their null fields."""
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


def text_of(value: object) -> str:
    """Strings as they are, nothing for null, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value)
