"""Inbound configuration, messages and functions of users in memory: what the adapters do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, cast

from hookline.domain.documents import strict_json
from hookline.domain.ids import FunctionId, MessageId, ProviderId, TenantId, instant_of
from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.function import Function
from hookline.domain.inbound.message import RETENTION, Message, Progress
from hookline.domain.inbound.message_filter import EVERYTHING, MessageFilter
from hookline.domain.inbound.provider import MAX_PROVIDERS, Provider, ProviderSecrets
from hookline.domain.inbound.signatures import Replayable
from hookline.errors import Unavailable
from hookline.ports import Clock
from hookline.ports.inbound import Answered, Claim, Claimed, Held, NothingToDo, Threw
from hookline.services.inbound.receive import Quotas

NO_QUOTAS = Quotas(calls=lambda _tenant, _amount: None, sizes=lambda _tenant, _amount: None)


@dataclass
class InboundItems:
    """What the configuration's ports share."""

    providers: dict[tuple[TenantId, ProviderId], Provider] = field(default_factory=dict)
    functions: dict[tuple[TenantId, FunctionId], Function] = field(default_factory=dict)
    sequences: dict[TenantId, list[ProviderId]] = field(default_factory=dict)


class InMemoryInboundConfigurations:
    """`InboundConfigurations`."""

    def __init__(self, items: InboundItems) -> None:
        self._items = items

    def load(self, tenant: TenantId) -> Configuration:
        items = self._items
        sequence = items.sequences.get(tenant, [])
        return Configuration(
            providers=tuple(items.providers[tenant, each] for each in sequence),
            functions=tuple(
                items.functions[key] for key in sorted(items.functions) if key[0] == tenant
            ),
        )


class InMemoryProviderChanges:
    """`ProviderChanges`."""

    def __init__(self, items: InboundItems) -> None:
        self._items = items

    def add(self, provider: Provider) -> bool:
        key = provider.tenant, provider.id
        sequence = self._items.sequences.setdefault(provider.tenant, [])
        if key in self._items.providers:
            return self._items.providers[key] == provider
        if len(sequence) >= MAX_PROVIDERS:
            return False
        self._items.providers[key] = provider
        sequence.append(provider.id)
        return True

    def replace(self, before: Provider, after: Provider) -> bool:
        key = after.tenant, after.id
        stands = self._items.providers.get(key)
        if stands is None or (stands.version != before.version and stands != after):
            return False
        self._items.providers[key] = after
        return True

    def remove(self, provider: Provider) -> bool:
        key = provider.tenant, provider.id
        stands = self._items.providers.get(key)
        if stands is None:
            return True
        if stands.version != provider.version:
            return False
        del self._items.providers[key]
        self._items.sequences[provider.tenant].remove(provider.id)
        return True

    def reorder(
        self, tenant: TenantId, before: Sequence[ProviderId], after: Sequence[ProviderId]
    ) -> bool:
        stands = self._items.sequences.get(tenant, [])
        if stands not in (list(before), list(after)):
            return False
        self._items.sequences[tenant] = list(after)
        return True


class InMemoryFunctionChanges:
    """`FunctionChanges`."""

    def __init__(self, items: InboundItems) -> None:
        self._items = items

    def add(self, function: Function) -> bool:
        if (function.tenant, function.provider_id) not in self._items.providers:
            return False
        self._items.functions[function.tenant, function.id] = function
        return True

    def replace(self, before: Function, after: Function) -> bool:
        key = after.tenant, after.id
        stands = self._items.functions.get(key)
        if stands is None or (stands.version != before.version and stands != after):
            return False
        self._items.functions[key] = after
        return True

    def remove(self, function: Function) -> bool:
        key = function.tenant, function.id
        stands = self._items.functions.get(key)
        if stands is not None and stands.version != function.version:
            return False
        self._items.functions.pop(key, None)
        return True


class InMemoryProviderVault:
    """`ProviderVault`: the text names tenant and provider, and opens for no other."""

    def seal(self, tenant: TenantId, provider_id: ProviderId, secrets: ProviderSecrets) -> str:
        return strict_json.dumps([tenant, provider_id, secrets.as_plain()])

    def open(self, tenant: TenantId, provider_id: ProviderId, sealed: str) -> ProviderSecrets:
        of_tenant, of_provider, plain = cast("list[Any]", strict_json.loads(sealed))
        if (of_tenant, of_provider) != (tenant, provider_id):
            raise Unavailable("Decrypt: InvalidCiphertextException")
        return ProviderSecrets.from_plain(plain)


class InMemoryMessages:
    """`NewMessages`, `MessageRuns`, `MessageLog`, `PendingMessages`; ``saves`` counts writes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: dict[tuple[TenantId, MessageId], Message] = {}
        self._claims: dict[tuple[TenantId, MessageId], Claim] = {}
        self.saves = 0

    def put(self, message: Message, claim: Claim | None = None) -> None:
        self._messages[message.tenant, message.id] = message
        if claim is not None:
            self._claims[message.tenant, message.id] = claim

    def claim(
        self, tenant: TenantId, message_id: MessageId, claim: Claim, now: datetime
    ) -> Claimed | Held | NothingToDo:
        message = self._messages.get((tenant, message_id))
        if message is None or message.status is not Progress.PENDING or self._expired(message):
            return NothingToDo()
        stands = self._claims.get((tenant, message_id))
        if stands is not None and stands.until > now and stands.holder != claim.holder:
            return Held(stands.until)
        message = replace(message, tries=message.tries + 1)
        self._messages[tenant, message_id] = message
        self._claims[tenant, message_id] = claim
        return Claimed(message)

    def save(self, message: Message, holder: str, *, release: bool) -> bool:
        key = message.tenant, message.id
        stands = self._claims.get(key)
        if stands is None or stands.holder != holder:
            return False
        self.saves += 1
        tries = self._messages[key].tries
        self._messages[key] = replace(message, tries=tries)
        if release:
            self._claims[key] = replace(stands, until=message.received_at)
        return True

    def get(self, tenant: TenantId, message_id: MessageId) -> Message | None:
        message = self._messages.get((tenant, message_id))
        return None if message is None or self._expired(message) else message

    def page(
        self,
        tenant: TenantId,
        limit: int,
        *,
        before: MessageId | None = None,
        wanted: MessageFilter = EVERYTHING,
    ) -> tuple[Sequence[Message], MessageId | None]:
        found = [
            replace(message, call=replace(message.call, body=b""))
            for message in sorted(self._messages.values(), key=lambda each: each.id, reverse=True)
            if message.tenant == tenant
            and not self._expired(message)
            and (before is None or message.id < before)
            and wanted.passes(message)
        ]
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def pending(
        self, tenant: TenantId, since: datetime, until: datetime
    ) -> Iterable[Sequence[MessageId]]:
        found = (
            message.id
            for message in sorted(self._messages.values(), key=lambda each: each.id)
            if message.tenant == tenant
            and message.status is Progress.PENDING
            and since <= instant_of(message.id) < until
            and not self._expired(message)
        )
        return batched(found, 100, strict=False)

    def _expired(self, message: Message) -> bool:
        return message.received_at + RETENTION <= self._clock()


class InMemorySeenSignatures:
    """`SeenSignatures`."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], tuple[MessageId, datetime]] = {}

    def claim(
        self,
        tenant: TenantId,
        provider_id: ProviderId,
        signature: Replayable,
        message_id: MessageId,
        now: datetime,
    ) -> bool:
        return self.first(tenant, provider_id, signature, message_id, now) == message_id

    def first(
        self,
        tenant: TenantId,
        provider_id: ProviderId,
        delivery: Replayable,
        message_id: MessageId,
        now: datetime,
    ) -> MessageId:
        key = tenant, provider_id, delivery.digest
        owner, until = self._seen.get(key, (message_id, now))
        if owner != message_id and until > now:
            return owner
        self._seen[key] = message_id, delivery.until + timedelta(seconds=1)
        return message_id


@dataclass
class RecordingQueue:
    """`InboundQueue` that keeps what was sent."""

    sent: list[tuple[TenantId, MessageId, timedelta]] = field(default_factory=list)

    def send(
        self, tenant: TenantId, message_id: MessageId, delay: timedelta = timedelta(0)
    ) -> None:
        self.sent.append((tenant, message_id, delay))

    def send_many(self, tenant: TenantId, message_ids: Sequence[MessageId]) -> None:
        for message_id in message_ids:
            self.send(tenant, message_id)


@dataclass
class ScriptedInvocations:
    """`Invocations` that answer as told, by ARN, and keep what they were told."""

    answers: dict[str, Callable[[Mapping[str, object]], Answered | Threw]]
    calls: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    def invoke(self, function_arn: str, payload: Mapping[str, object]) -> Answered | Threw:
        self.calls.append((function_arn, payload))
        return self.answers[function_arn](payload)


class OneAfterTheOther:
    """`Concurrently` without threads: each result before the next item starts."""

    def __call__[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterable[Result]:
        return map(function, items)
