"""Processes one message: finds its provider, runs its functions, records their results."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from threading import Lock

from hookline.domain.ids import EventId, MessageId, TenantId
from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.credentials import credential_names, without_credentials
from hookline.domain.inbound.function import Function
from hookline.domain.inbound.message import MAX_EXECUTIONS, Execution, Message, Outcome, Progress
from hookline.domain.inbound.provider import Provider
from hookline.domain.inbound.tasks import LEASE, MAX_TRIES, wait_after
from hookline.errors import Unavailable
from hookline.ports import Clock, Concurrently, Randomness
from hookline.ports.inbound import Claim, Held, InboundConfigurations, MessageRuns, NothingToDo
from hookline.services.inbound.actions import Ran, WentWrong
from hookline.services.inbound.match_message import MatchMessage
from hookline.services.inbound.run_function import RunFunction


@dataclass(frozen=True, slots=True)
class Did:
    """Effects of a run besides the message's state: events, and unexpected exceptions."""

    event_ids: tuple[EventId, ...] = ()
    surprises: tuple[Exception, ...] = ()


NOTHING = Did()


@dataclass(frozen=True, slots=True)
class Finished:
    """The message has ended."""

    message: Message
    did: Did = NOTHING


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The message is not done: try again ``after`` a while.

    ``unavailable`` if AWS failed, rather than a function or another run.
    """

    after: timedelta
    reason: str
    unavailable: bool = False
    did: Did = NOTHING


@dataclass(frozen=True, slots=True)
class Over:
    """The message had ended, expired, or belongs to another run."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A claimed message in progress; ``again`` if a failure may succeed next time."""

    message: Message
    holder: str
    last: bool
    again: bool = False
    did: Did = NOTHING

    def after(self, message: Message, result: Ran | WentWrong) -> _Run:
        """The run after one of its functions; the ``message`` already has the result."""
        did, again = self.did, self.again
        did = replace(did, event_ids=(*did.event_ids, *result.event_ids))
        if isinstance(result, WentWrong):
            again = again or result.again
            if result.surprise is not None:
                did = replace(did, surprises=(*did.surprises, result.surprise))
        return replace(self, message=message, again=again, did=did)


class _Kept:
    """The message while its functions, side by side, update and save it."""

    def __init__(self, run: _Run, runs: MessageRuns) -> None:
        self._message = run.message
        self._holder = run.holder
        self._runs = runs
        self._lock = Lock()

    def note(self, execution: Execution) -> Message:
        """The message with a function's state updated."""
        with self._lock:
            self._message = self._message.with_execution(execution)
            return self._message

    def save(self) -> bool:
        """Saves it; False if the claim has gone to another. Raises Unavailable."""
        with self._lock:
            return self._runs.save(self._message, self._holder, release=False)

    def still_mine(self, execution: Execution) -> bool:
        """Saves a function's progress before it goes on to what must not run twice."""
        self.note(execution)
        try:
            return self.save()
        except Unavailable:
            return True  # a crash now would repeat only what was done since the last save


type _Task = tuple[Function, Provider, Execution]
"""One function to run, from where its execution has come to."""


class ProcessMessage:
    """Runs each function of a message until it succeeds once.

    One run works on a message at a time. Each result is written before the next try. So is each
    element that a Lambda function was invoked for, before the next element. A crash therefore
    repeats at most what was under way. Functions run side by side and are independent.

    Worker and synchronous receiver share all of this; the receiver makes no second try.
    """

    def __init__(
        self,
        *,
        configurations: InboundConfigurations,
        runs: MessageRuns,
        match: MatchMessage,
        run_function: RunFunction,
        concurrently: Concurrently,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._configurations = configurations
        self._runs = runs
        self._match = match
        self._run_function = run_function
        self._concurrently = concurrently
        self._clock = clock
        self._randomness = randomness

    def new_claim(self) -> Claim:
        """A new claim, with a unique holder."""
        return Claim(self._randomness(8).hex(), self._clock() + LEASE)

    def __call__(self, tenant: TenantId, message_id: MessageId) -> Finished | ComeBack | Over:
        """Claims the message, then works on it. Raises Unavailable."""
        claim = self.new_claim()
        now = self._clock()
        claimed = self._runs.claim(tenant, message_id, claim, now)
        if isinstance(claimed, NothingToDo):
            return Over()
        if isinstance(claimed, Held):
            wait = max(claimed.until - now, timedelta(seconds=1))
            return ComeBack(wait, "another run works on it")
        message = claimed.message
        return self.work(message, claim.holder, last=message.tries >= MAX_TRIES)

    def work(self, message: Message, holder: str, *, last: bool) -> Finished | ComeBack | Over:
        """Works on a message that ``holder`` has claimed; ``last`` if no further try follows."""
        run = _Run(message, holder, last)
        if message.tries > MAX_TRIES:
            return self._give_up(run, f"gave up after {MAX_TRIES} tries")
        try:
            configuration = self._configurations.load(message.tenant)
            if message.outcome is None:
                return self._route(run, configuration)
            return self._run_functions(run, configuration)
        except Unavailable as error:
            if last:
                return self._give_up(run, f"a service did not do its part: {error}")
            self._runs.save(message, holder, release=True)
            return ComeBack(wait_after(message.tries), str(error), unavailable=True)

    def _route(self, run: _Run, configuration: Configuration) -> Finished | ComeBack | Over:
        routed = self._match(run.message, configuration)
        provider = routed.provider
        kept = provider.verify.signature_headers if provider else frozenset[str]()
        message = replace(
            run.message,
            passed_over=routed.passed_over,
            # From here on nobody needs the credentials, and nobody should read them in the log.
            call=without_credentials(run.message.call, credential_names(configuration), kept),
        )
        if provider is None:
            return self._finish(run, replace(message, outcome=Outcome.NO_PROVIDER).ended())
        message = replace(
            message,
            provider_id=provider.id,
            provider_name=provider.name,
            repeat_of=self._match.repeat_of(run.message, provider),
        )
        note = self._note(run.message, provider)
        if note is not None:
            message = replace(message, outcome=Outcome.MATCHED, message=note)
            return self._finish(run, message.ended())
        functions = configuration.functions_for(provider, message.call.uri)
        if not functions:
            return self._finish(run, replace(message, outcome=Outcome.NO_FUNCTION).ended())
        message = replace(
            message,
            outcome=Outcome.MATCHED,
            executions=tuple(
                Execution(function_id=each.id, function_name=each.name)
                for each in functions[:MAX_EXECUTIONS]
                if self._run_function.is_for(each, message, provider)
            ),
        )
        return self._run_functions(replace(run, message=message), configuration)

    def _note(self, message: Message, provider: Provider) -> str | None:
        """The log's note on a call that carries no news: no function runs for it."""
        challenge = self._match.challenge(message, provider)
        if challenge is not None:
            return challenge.note
        return self._match.confirm(message, provider)

    def _run_functions(self, run: _Run, configuration: Configuration) -> Finished | ComeBack | Over:
        """Runs the functions that have not succeeded yet, as configured now."""
        kept = _Kept(run, self._runs)
        execute = partial(self._execute, run.message, kept)
        tasks, gone = _due(run.message, configuration)
        for execution in gone:
            run = replace(run, message=kept.note(execution))
        left = len(tasks)
        for execution, result in self._concurrently(execute, tasks):
            run = run.after(kept.note(execution), result)
            left -= 1
            if left and not kept.save():
                return Over()
        if run.again and not run.last:
            saved = self._runs.save(run.message, run.holder, release=True)
            wait = wait_after(run.message.tries)
            return ComeBack(wait, "a function failed", did=run.did) if saved else Over()
        return self._finish(run, run.message.ended())

    def _execute(
        self, message: Message, kept: _Kept, task: _Task
    ) -> tuple[Execution, Ran | WentWrong]:
        function, provider, before = task
        execution = replace(before, function_name=function.name, started_at=self._clock())

        def save_progress(elements: int, done: tuple[int, ...]) -> bool:
            return kept.still_mine(replace(execution, elements=elements, done=done))

        try:
            result = self._run_function(function, message, provider, before.done, save_progress)
        except Exception as error:  # noqa: BLE001 - one function's surprise must not stop the others
            result = WentWrong(f"unexpected: {type(error).__name__}", surprise=error)
        ended = replace(
            execution,
            status=Progress.SUCCESS if isinstance(result, Ran) else Progress.FAILED,
            message=result.message,
            logs=result.log,
            elements=result.elements,
            done=result.done,
            ended_at=self._clock(),
        )
        return ended, result

    def _finish(self, run: _Run, message: Message) -> Finished | Over:
        saved = self._runs.save(message, run.holder, release=True)
        return Finished(message, run.did) if saved else Over()

    def _give_up(self, run: _Run, reason: str) -> Finished | Over:
        message = replace(run.message, status=Progress.FAILED, message=reason)
        if message.outcome is None:  # its credentials are still there, for anybody to read
            names: frozenset[str] = frozenset()
            with suppress(Unavailable):
                names = credential_names(self._configurations.load(message.tenant))
            message = replace(message, call=without_credentials(message.call, names))
        return self._finish(run, message)


def _due(message: Message, configuration: Configuration) -> tuple[list[_Task], list[Execution]]:
    """The functions to run, and the executions whose function was deleted meanwhile."""
    provider = configuration.provider(message.provider_id) if message.provider_id else None
    functions = {each.id: each for each in configuration.functions}
    tasks: list[_Task] = []
    gone: list[Execution] = []
    for execution in message.unfinished:
        function = functions.get(execution.function_id)
        if function is None or provider is None:
            gone.append(
                replace(execution, status=Progress.FAILED, message="the function was deleted")
            )
        else:
            tasks.append((function, provider, execution))
    return tasks, gone
