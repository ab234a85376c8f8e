"""Runs one function over one message: whether, how often, and what the log says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from hookline.domain.ids import EventId
from hookline.domain.inbound.function import Function, Invoke
from hookline.domain.inbound.message import Message, shortened
from hookline.domain.inbound.provider import Provider
from hookline.domain.net.header_rules import MAX_HOPS
from hookline.domain.sandbox.expressions import ExpressionFailed, compile_expression, truthy
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.inbound import ProviderVault
from hookline.services.inbound.actions import Actions, Context, Ran, WentWrong, text_of

SaveProgress = Callable[[int, tuple[int, ...]], bool]
"""Saves how many elements there are and which are done; False when the run must stop."""

MAX_ELEMENTS = 1_000
"""In a list of ``each``; events are published one after the other."""

MAX_INVOKED = 25
"""In a list for whose elements a Lambda function of the user's is invoked."""

_TIME_FOR_ELEMENTS = timedelta(seconds=20)
"""No element is begun after this: a run must end well within its lease."""


class RunFunction:
    """Runs a function once, or once for each element of a list where it has an ``each``."""

    def __init__(self, *, act: Actions, vault: ProviderVault, clock: Clock) -> None:
        self._act = act
        self._vault = vault
        self._clock = clock

    def is_for(self, function: Function, message: Message, provider: Provider) -> bool:
        """Whether its ``when`` holds. One that cannot be evaluated runs, and says why it failed."""
        if function.when is None:
            return True
        try:
            scope = Context(message, provider, provider.secrets(self._vault.open)).scope()
            return truthy(compile_expression(function.when).evaluate(scope))
        except ExpressionFailed:
            return True

    def __call__(
        self,
        function: Function,
        message: Message,
        provider: Provider,
        done: tuple[int, ...] = (),
        save_progress: SaveProgress = lambda _elements, _done: True,
    ) -> Ran | WentWrong:
        """The result; elements that are ``done`` are skipped.

        Calls ``save_progress`` after each element that must not run twice.
        """
        if message.call.hops > MAX_HOPS:
            return WentWrong(
                f"stopped: the call has come through here {message.call.hops} times, as in a loop",
                again=False,
            )
        try:
            context = Context(message, provider, provider.secrets(self._vault.open))
            if function.when is not None:
                compile_expression(function.when).evaluate(context.scope())
            result = (
                self._each(function, context, done, save_progress)
                if function.each
                else self._act(function, context)
            )
        except ExpressionFailed as error:
            return WentWrong(shortened(f"when or each comes to nothing: {error}"), again=False)
        except Unavailable as error:
            return WentWrong(shortened(f"AWS did not do its part: {error}"))
        return self._said(function, context, result)

    def _each(
        self,
        function: Function,
        context: Context,
        done: tuple[int, ...],
        save_progress: SaveProgress,
    ) -> Ran | WentWrong:
        """One run for each element of a list, one after the other while there is time."""
        found = compile_expression(function.each or "").evaluate(context.scope())
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
            result = self._act(function, replace(context, index=index, element=element))
            event_ids += result.event_ids
            if isinstance(result, WentWrong):
                failed.append((index, result))
                continue
            ended.add(index)
            if (
                once
                and len(ended) < len(elements)
                and not save_progress(len(elements), tuple(sorted(ended)))
            ):
                failed.append((index, WentWrong("another run has taken the message over")))
                break
        return _together(failed, tuple(event_ids), len(elements), tuple(sorted(ended)))

    def _said(
        self, function: Function, context: Context, result: Ran | WentWrong
    ) -> Ran | WentWrong:
        """The result with the function's ``log_message``, if it has one."""
        if function.log_message is None or isinstance(result, WentWrong):
            return result
        scope = context.scope() | {"result": result.message}
        try:
            text = text_of(compile_expression(function.log_message).evaluate(scope))
        except ExpressionFailed as error:
            text = f"{result.message} (log_message: {error})"
        return replace(result, message=shortened(context.scrubbed(text)))


def _together(
    failed: Sequence[tuple[int, WentWrong]],
    event_ids: tuple[EventId, ...],
    elements: int,
    done: tuple[int, ...],
) -> Ran | WentWrong:
    """One result for the whole list."""
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
