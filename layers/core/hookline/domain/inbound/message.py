"""A message: one inbound call and its results (reference rows FD-3, FD-6, FD-7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from hookline.domain.ids import FunctionId, MessageId, PrincipalId, ProviderId, TenantId
from hookline.domain.inbound.payload import Payload, payload_of
from hookline.domain.net.header_rules import hops_told

MAX_BODY_BYTES = 6 * 1024 * 1024
"""The most that Lambda takes in one call (product rule); the gateway would take 10 MB."""

RETENTION = timedelta(days=7)
"""How long a message is kept (reference row FD-7)."""

MAX_TEXT = 1_024
"""Characters kept of an execution's message: it is read in a list."""

MAX_EXECUTIONS = 60
"""Executions of one message: all their results must fit one item of 400 KB."""

MAX_LOG_BYTES = 4_096
"""Bytes kept of an execution's log: as much as Lambda returns of a log's tail."""


class Progress(StrEnum):
    """The progress of a message or an execution."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


class Outcome(StrEnum):
    """Where a message was routed to."""

    MATCHED = "matched"
    NO_PROVIDER = "no_provider"
    NO_FUNCTION = "no_function"


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a third party sent, as the gateway passed it on.

    ``headers`` has lower-case names and one string each (the gateway joins duplicates), ``query``
    every value of a name in order, ``body`` the pristine bytes that are signed.
    """

    tenant: TenantId
    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    remote_addr: str = ""
    url: str = ""
    """The whole url that was called, with its query: some systems sign it."""

    @property
    def content_type(self) -> str:
        """The Content-Type as sent; empty without one."""
        return self.headers.get("content-type", "")

    @cached_property
    def parsed(self) -> Payload:
        """The body as a plain value, or why it has none; parsed only once."""
        encoding = self.headers.get("content-encoding", "")
        return payload_of(self.body, self.content_type, encoding)

    @property
    def hops(self) -> int:
        """How often the chain of calls that led to this one has come through here."""
        return hops_told(self.headers)

    @property
    def wants_sync(self) -> bool:
        """Whether the caller waits for the functions (reference row FD-6)."""
        return any(
            self.headers.get(name, "").strip().lower() == "true"
            for name in ("flex-sync-webhook", "x-hookline-sync")
        )


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A provider that did not match, and why."""

    provider_id: ProviderId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One function's run for one message: ``failed`` may be tried again, ``success`` never is.

    With an ``each`` it has so many ``elements``; those ``done`` are not run again.
    """

    function_id: FunctionId
    function_name: str
    status: Progress = Progress.PENDING
    message: str = ""
    logs: str = ""
    elements: int | None = None
    done: tuple[int, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The call that a resubmitted message repeats: the first one, however often it was resubmitted.

    ``provider_id`` is the provider that it matched, if any: what its credentials proved then cannot
    be checked again, since they are not stored.
    """

    id: MessageId
    received_at: datetime
    provider_id: ProviderId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One inbound call and its results.

    ``outcome`` is None until it was matched; from then on ``executions`` names every function it is
    for, decided once. ``tries`` counts the runs over it, across crashes. ``resubmit_of`` is the
    message that somebody asked to run again, ``original`` the call that it goes back to.
    """

    id: MessageId
    call: Call
    received_at: datetime
    sync: bool = False
    provider_id: ProviderId | None = None
    provider_name: str | None = None
    status: Progress = Progress.PENDING
    outcome: Outcome | None = None
    message: str = ""
    passed_over: tuple[PassedOver, ...] = ()
    executions: tuple[Execution, ...] = ()
    tries: int = 0
    repeat_of: MessageId | None = None
    resubmit_of: MessageId | None = None
    resubmitted_by: PrincipalId | None = None
    original: Original | None = None

    @property
    def came_in(self) -> Original:
        """The call that came in: this one, unless it was resubmitted."""
        return self.original or Original(
            id=self.id, received_at=self.received_at, provider_id=self.provider_id
        )

    @property
    def tenant(self) -> TenantId:
        """The tenant it belongs to."""
        return self.call.tenant

    @property
    def payload(self) -> object:
        """The body as a plain value; None if it has none, see `payload_problem`."""
        return self.call.parsed.value

    @property
    def payload_problem(self) -> str | None:
        """Why the body has no plain value, or what is wrong with it."""
        return self.call.parsed.problem

    @property
    def unfinished(self) -> tuple[Execution, ...]:
        """The executions that have not succeeded."""
        return tuple(run for run in self.executions if run.status is not Progress.SUCCESS)

    def with_execution(self, execution: Execution) -> Message:
        """The message with an execution updated."""
        return replace(
            self,
            executions=tuple(
                execution if run.function_id == execution.function_id else run
                for run in self.executions
            ),
        )

    def ended(self) -> Message:
        """The message once nothing more runs for it: failed if nothing ran or anything failed.

        Status and outcome together give FD-6's reply: 404 without a match, else 200 or 500.
        """
        if self.outcome is not Outcome.MATCHED:
            return replace(
                self, status=Progress.FAILED, message=_UNMATCHED.get(self.outcome, self.message)
            )
        failed = self.unfinished
        if failed:
            text = "; ".join(f"{run.function_name}: {run.message}" for run in failed)
            return replace(self, status=Progress.FAILED, message=shortened(text))
        if not self.executions:
            text = self.message or "no function is for it: each when is false"
            return replace(self, status=Progress.SUCCESS, message=text)
        text = "; ".join(run.message for run in self.executions if run.message)
        return replace(self, status=Progress.SUCCESS, message=shortened(text))


_UNMATCHED: Mapping[Outcome | None, str] = {
    Outcome.NO_PROVIDER: "no provider matched",
    Outcome.NO_FUNCTION: "the provider has no active function for this uri",
}


def shortened(text: str) -> str:
    """At most `MAX_TEXT` characters of a text, with a mark where it was cut."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def end_of_log(text: str) -> str:
    """The last `MAX_LOG_BYTES` of a log: its end says what went wrong."""
    data = text.encode(errors="replace")
    return data[-MAX_LOG_BYTES:].decode(errors="ignore")
