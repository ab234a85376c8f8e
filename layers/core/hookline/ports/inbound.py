"""Third parties' calls: configuration, messages, and functions of users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from hookline.domain.inbound.message_filter import EVERYTHING, MessageFilter

if TYPE_CHECKING:
    from hookline.domain.ids import MessageId, ProviderId, TenantId
    from hookline.domain.inbound.configuration import Configuration
    from hookline.domain.inbound.function import Function
    from hookline.domain.inbound.message import Message
    from hookline.domain.inbound.provider import Provider, ProviderSecrets
    from hookline.domain.inbound.signatures import Fetch, Replayable
    from hookline.ports import Clock, Concurrently, Randomness
    from hookline.ports.events import Events, EventTypes
    from hookline.ports.webhooks import Webhooks


class InboundConfigurations(Protocol):
    """The providers and functions of a tenant."""

    def load(self, tenant: TenantId) -> Configuration:
        """All of them in one consistent read; empty if there are none."""
        ...


class ProviderChanges(Protocol):
    """Writes providers together with the sequence they are tried in. False: nothing was written."""

    def add(self, provider: Provider) -> bool:
        """Adds it at the end of the sequence; False if the tenant has as many as it may."""
        ...

    def replace(self, before: Provider, after: Provider) -> bool:
        """False when ``before`` is no longer what stands."""
        ...

    def remove(self, provider: Provider) -> bool:
        """Removes it from the sequence too; False if it has changed."""
        ...

    def reorder(
        self, tenant: TenantId, before: Sequence[ProviderId], after: Sequence[ProviderId]
    ) -> bool:
        """The whole sequence at once; False when ``before`` is no longer what stands."""
        ...


class FunctionChanges(Protocol):
    """Writes functions. False: nothing was written."""

    def add(self, function: Function) -> bool:
        """False if its provider does not exist (any more)."""
        ...

    def replace(self, before: Function, after: Function) -> bool:
        """False when ``before`` is no longer what stands."""
        ...

    def remove(self, function: Function) -> bool:
        """False if it has changed."""
        ...


class ProviderVault(Protocol):
    """Seals a provider's secrets under the name of tenant and provider: they open for no other."""

    def seal(self, tenant: TenantId, provider_id: ProviderId, secrets: ProviderSecrets) -> str: ...
    def open(self, tenant: TenantId, provider_id: ProviderId, sealed: str) -> ProviderSecrets: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """One run's right to work on a message until ``until``; ``holder`` is a unique name."""

    holder: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """The message belongs to this run until its claim ends; ``tries`` counts this run."""

    message: Message


@dataclass(frozen=True, slots=True)
class Held:
    """Another run works on it, at most until ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """The message has ended, or has expired."""


class NewMessages(Protocol):
    """Where calls become durable."""

    def put(self, message: Message, claim: Claim | None = None) -> None:
        """Writes the message and its body, already claimed if its receiver runs it itself."""
        ...


class MessageRuns(Protocol):
    """Lets one run at a time work on a message."""

    def claim(
        self, tenant: TenantId, message_id: MessageId, claim: Claim, now: datetime
    ) -> Claimed | Held | NothingToDo:
        """Claims a pending message whose last claim, if any, was released or has ended."""
        ...

    def save(self, message: Message, holder: str, *, release: bool) -> bool:
        """Writes all that a run changes; False if the claim has gone to another.

        With ``release`` it gives up the claim. The body never changes and is not written again.
        """
        ...


class MessageLog(Protocol):
    """A tenant's messages of the last seven days."""

    def get(self, tenant: TenantId, message_id: MessageId) -> Message | None:
        """The whole message."""
        ...

    def page(
        self,
        tenant: TenantId,
        limit: int,
        *,
        before: MessageId | None = None,
        wanted: MessageFilter = EVERYTHING,
    ) -> tuple[Sequence[Message], MessageId | None]:
        """At most ``limit`` of those ``wanted``, newest first, without bodies.

        Then where the next page begins; a page may be short and not the last.
        """
        ...


class PendingMessages(Protocol):
    """Messages that have not ended."""

    def pending(
        self, tenant: TenantId, since: datetime, until: datetime
    ) -> Iterable[Sequence[MessageId]]:
        """Those received from ``since`` on and before ``until``, oldest first, some at a time.

        A step may have none: each is one read, after which a caller short of time can stop.
        """
        ...


class SeenSignatures(Protocol):
    """Remembers the timestamped signatures of each provider for as long as they are valid."""

    def claim(
        self,
        tenant: TenantId,
        provider_id: ProviderId,
        signature: Replayable,
        message_id: MessageId,
        now: datetime,
    ) -> bool:
        """False if another message came with it before; the same message may ask again."""
        ...

    def first(
        self,
        tenant: TenantId,
        provider_id: ProviderId,
        delivery: Replayable,
        message_id: MessageId,
        now: datetime,
    ) -> MessageId:
        """The message that first brought a delivery; this one, if none did before."""
        ...


class InboundQueue(Protocol):
    """The queue from which the worker takes messages."""

    def send(
        self, tenant: TenantId, message_id: MessageId, delay: timedelta = timedelta(0)
    ) -> None: ...
    def send_many(self, tenant: TenantId, message_ids: Sequence[MessageId]) -> None: ...


class InboundTimers(InboundQueue, Protocol):
    """The queue as its worker sees it: with the messages it received."""

    def hide(self, waits: Mapping[str, timedelta]) -> None:
        """Hides messages, by receipt handle, for these times from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """The function returned ``answer``, a plain JSON value; ``log`` is the end of its log."""

    answer: object
    log: str


@dataclass(frozen=True, slots=True)
class Threw:
    """The function failed by itself, or its answer cannot be read."""

    message: str
    log: str


class Invocations(Protocol):
    """Calls users' Lambda functions that the stack allows."""

    def invoke(self, function_arn: str, payload: Mapping[str, object]) -> Answered | Threw:
        """Waits for the answer. Raises Unavailable if Lambda, not the function, is at fault."""
        ...


class MessageWork(Protocol):
    """All ports that working on a message needs, by name."""

    @property
    def configurations(self) -> InboundConfigurations: ...
    @property
    def message_runs(self) -> MessageRuns: ...
    @property
    def seen_signatures(self) -> SeenSignatures: ...
    @property
    def provider_vault(self) -> ProviderVault: ...
    @property
    def invocations(self) -> Invocations: ...
    @property
    def fetch(self) -> Fetch: ...
    @property
    def events(self) -> Events: ...
    @property
    def event_types(self) -> EventTypes: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def allowed_functions(self) -> AbstractSet[str]: ...
    @property
    def concurrently(self) -> Concurrently: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def randomness(self) -> Randomness: ...
