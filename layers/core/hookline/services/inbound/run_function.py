"""Does what one function says with one message: publish, invoke or forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta
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
from hookline.domain.sandbox.expressions import ExpressionFailed, compile_expression, truthy
from hookline.errors import Refused, Rejected, TooManyRequests, Unavailable
from hookline.ports import Clock
from hookline.ports.inbound import Invocations, ProviderVault, Threw
from hookline.services.event.publish import Accepted

if TYPE_CHECKING:
    from hookline.ports.events import Events
    from hookline.ports.webhooks import Webhooks

CameTo = Callable[[int, tuple[int, ...]], bool]
"""Writes down that of so many elements these are done; False where a run is to go no further."""

FORWARDED_TYPE = "inbound.forwarded"
"""The type of the events that carry forwarded bodies; the log of the webhook shows it."""

MAX_HOPS = 8
"""How often what a call leads to may come in again before it is taken for a loop."""

MAX_ELEMENTS = 1_000
"""Of a list that ``each`` comes to; events are published one after the other."""

MAX_INVOKED = 25
"""Of one whose elements a Lambda function of the user's is invoked for."""

_TIME_FOR_ELEMENTS = timedelta(seconds=20)
"""After which no further element is begun: a run must end well within its lease."""


@dataclass(frozen=True, slots=True)
class Ran:
    """It did what it should; ``message`` and ``log`` are what it said.

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
    """It did not; ``again`` says whether another try could end otherwise.

    ``surprise`` is a bug of ours, where it was that.
    """

    message: str
    log: str = ""
    again: bool = True
    surprise: Exception | None = None
    event_ids: tuple[EventId, ...] = ()
    elements: int | None = None
    done: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What a function or its expressions get to know, and may say again."""

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
        """What was said, as the log may keep it; a ``tail`` may begin inside of a secret."""
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

    def is_for(self, function: Function, message: Message, provider: Provider) -> bool:
        """Whether its ``when`` says so; where that fails the function runs, and says why."""
        if function.when is None:
            return True
        try:
            scope = self._told(message, provider).scope()
            return truthy(compile_expression(function.when).evaluate(scope))
        except ExpressionFailed:
            return True

    def __call__(
        self,
        function: Function,
        message: Message,
        provider: Provider,
        done: tuple[int, ...] = (),
        came_to: CameTo = lambda _elements, _done: True,
    ) -> Ran | WentWrong:
        """What came of it; elements that are ``done`` are left out.

        ``came_to`` is told after each element that must not run twice.
        """
        if message.call.hops > MAX_HOPS:
            return WentWrong(
                f"stopped: the call has come through here {message.call.hops} times, as in a loop",
                again=False,
            )
        try:
            told = self._told(message, provider)
            if function.when is not None:
                compile_expression(function.when).evaluate(told.scope())
            result = (
                self._each(function, told, done, came_to)
                if function.each
                else self._one(function, told)
            )
        except ExpressionFailed as error:
            return WentWrong(shortened(f"when or each comes to nothing: {error}"), again=False)
        except Unavailable as error:
            return WentWrong(shortened(f"AWS did not do its part: {error}"))
        return self._said(function, told, result)

    def _each(
        self, function: Function, told: _Told, done: tuple[int, ...], came_to: CameTo
    ) -> Ran | WentWrong:
        """One run for each element of a list, one after the other while there is time."""
        found = compile_expression(function.each or "").evaluate(told.scope())
        if found is not None and not isinstance(found, list):
            return WentWrong("each comes to no list", again=False)
        elements = found or []
        # What is published has an id: only an invocation would be repeated after a crash.
        once = isinstance(function.action, Invoke)
        most = MAX_INVOKED if once else MAX_ELEMENTS
        if len(elements) > most:
            return WentWrong(f"the list has {len(elements)} elements; {most} at most", again=False)
        began = self._clock()
        ended = {*done}
        event_ids: list[EventId] = []
        failed: list[tuple[int, WentWrong]] = []
        for index, element in enumerate(elements):
            if index in ended:
                continue
            if self._clock() - began > _TIME_FOR_ELEMENTS:
                failed.append((index, WentWrong("there was no time left for it")))
                break
            result = self._one(function, replace(told, index=index, element=element))
            event_ids += result.event_ids
            if isinstance(result, WentWrong):
                failed.append((index, result))
                continue
            ended.add(index)
            if (
                once
                and len(ended) < len(elements)
                and not came_to(len(elements), tuple(sorted(ended)))
            ):
                failed.append((index, WentWrong("another run has taken the message over")))
                break
        return _together(failed, tuple(event_ids), len(elements), tuple(sorted(ended)))

    def _one(self, function: Function, told: _Told) -> Ran | WentWrong:
        try:
            match function.action:
                case Publish():
                    return self._publish(function.action, function, told)
                case Invoke():
                    return self._invoke(function.action, told)
                case Forward():
                    return self._forward(function.action, function, told)
                case _ as unreachable:
                    assert_never(unreachable)
        except Unavailable as error:
            return WentWrong(shortened(f"AWS did not do its part: {error}"))

    def _said(self, function: Function, told: _Told, result: Ran | WentWrong) -> Ran | WentWrong:
        """The result under the text that the function gives the log, where it gives one."""
        if function.log_message is None or isinstance(result, WentWrong):
            return result
        scope = told.scope() | {"result": result.message}
        try:
            text = _text(compile_expression(function.log_message).evaluate(scope))
        except ExpressionFailed as error:
            text = f"{result.message} (log_message: {error})"
        return replace(result, message=shortened(told.scrubbed(text)))

    def _publish(self, action: Publish, function: Function, told: _Told) -> Ran | WentWrong:
        scope, message = told.scope(), told.message
        try:
            evaluated = {name: _evaluated(value, scope) for name, value in action.event.items()}
            document = {name: value for name, value in evaluated.items() if value is not None}
            given = document.get("id")
            if given is None:
                document["id"] = event_id(function, message, told.index)
            elif isinstance(given, str) and is_event_id(given):  # else the rules say what is wrong
                document["id"] = own_event_id(given, function, message, told.index)
            accepted = self._publish_event(
                message.tenant,
                document,
                traceparent=message.call.headers.get("traceparent"),
                hops=message.call.hops + 1,
            )
        except TooManyRequests as error:
            return WentWrong(shortened(error.detail))
        except (ExpressionFailed, Refused) as error:
            why = told.scrubbed(_why(error))
            return WentWrong(shortened(f"the event cannot be published: {why}"), again=False)
        again = " again" if accepted.duplicate else ""
        return Ran(f"published {accepted.id}{again}", event_ids=(accepted.id,))

    def _invoke(self, action: Invoke, told: _Told) -> Ran | WentWrong:
        if action.function_arn not in self._allowed_functions:
            # The stack's parameter may have been narrowed since the function was saved.
            return WentWrong("the stack does not allow this Lambda function", again=False)
        result = self._invocations.invoke(action.function_arn, told.scope(raw=False))
        if isinstance(result, Threw):
            return WentWrong(
                shortened(told.scrubbed(result.message)),
                end_of_log(told.scrubbed(result.log, tail=True)),
            )
        answer = result.answer if isinstance(result.answer, Mapping) else {}
        own = answer.get("log")
        log = told.scrubbed(result.log, tail=True) if own is None else told.scrubbed(_text(own))
        return Ran(shortened(told.scrubbed(_text(answer.get("message")))), end_of_log(log))

    def _forward(self, action: Forward, function: Function, told: _Told) -> Ran | WentWrong:
        message, preset = told.message, told.provider.verify.preset
        size = len(message.call.body)
        if size > MAX_EVENT_BYTES:
            why = f"the body has {size} bytes; an event carries {MAX_EVENT_BYTES}"
            return WentWrong(why, again=False)
        webhook = self._webhooks.get(message.tenant, action.webhook_id)
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

    def _told(self, message: Message, provider: Provider) -> _Told:
        secrets = ProviderSecrets()
        if provider.sealed_secrets:
            secrets = self._vault.open(provider.tenant, provider.id, provider.sealed_secrets)
        return _Told(message, provider, secrets)


def _together(
    failed: Sequence[tuple[int, WentWrong]],
    event_ids: tuple[EventId, ...],
    elements: int,
    done: tuple[int, ...],
) -> Ran | WentWrong:
    """What came of a list as a whole."""
    if not failed:
        return Ran(f"{elements} of {elements} elements", "", event_ids, elements, done)
    index, first = failed[0]
    return WentWrong(
        shortened(f"{len(done)} of {elements} elements; element {index}: {first.message}"),
        first.log,
        again=any(each.again for _, each in failed),
        event_ids=event_ids,
        elements=elements,
        done=done,
    )


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
