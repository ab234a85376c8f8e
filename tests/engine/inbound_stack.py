"""The inbound services over ports in memory: calls go in, messages and events come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from hookline.domain.event.event import Event
from hookline.domain.event.rules import event_of
from hookline.domain.ids import EventId, MessageId, ProviderId, TenantId, WebhookId
from hookline.domain.inbound.message import Call, Message
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Refused as RefusedError
from hookline.errors import Unavailable
from hookline.ports.inbound import Answered, Threw
from hookline.services.event.publish import Accepted
from hookline.services.inbound.actions import Actions
from hookline.services.inbound.edits import By
from hookline.services.inbound.manage_functions import ManageFunctions
from hookline.services.inbound.manage_providers import ManageProviders
from hookline.services.inbound.match_message import MatchMessage
from hookline.services.inbound.process_message import ComeBack, Finished, Over, ProcessMessage
from hookline.services.inbound.receive import Accepted as Taken
from hookline.services.inbound.receive import Done, NotKept, Quotas, ReceiveCall, Refused
from hookline.services.inbound.resubmit import Resubmit
from hookline.services.inbound.run_function import RunFunction
from tests.builders import NOW, PRINCIPAL, TENANT
from tests.engine.inbound import (
    InboundItems,
    InMemoryFunctionChanges,
    InMemoryInboundConfigurations,
    InMemoryMessages,
    InMemoryProviderChanges,
    InMemoryProviderVault,
    InMemorySeenSignatures,
    OneAfterTheOther,
    RecordingQueue,
    ScriptedInvocations,
)
from tests.inbound_builders import LAMBDA_ARN

BY = By(PRINCIPAL)


class _Webhooks:
    def __init__(self) -> None:
        self.by_id: dict[WebhookId, Webhook] = {}

    def get(self, tenant: TenantId, webhook_id: WebhookId) -> Webhook | None:
        webhook = self.by_id.get(webhook_id)
        return webhook if webhook is not None and webhook.tenant == tenant else None

    def page(
        self, tenant: TenantId, limit: int, before: WebhookId | None
    ) -> tuple[list[Webhook], WebhookId | None]:
        raise NotImplementedError


class _Events:
    def __init__(self) -> None:
        self.accepted: dict[EventId, Event] = {}

    def accept(self, event: Event) -> bool:
        return self.accepted.setdefault(event.id, event) is event

    def get(self, tenant: TenantId, event_id: EventId) -> Event | None:
        event = self.accepted.get(event_id)
        return event if event is not None and event.tenant == tenant else None


@dataclass
class Stack:
    """Everything wired. ``now`` is the clock; ``crash`` is raised by the next save, once."""

    now: datetime = NOW
    answers: dict[str, Callable[[Mapping[str, object]], Answered | Threw]] = field(
        default_factory=dict
    )
    allowed: frozenset[str] = frozenset({LAMBDA_ARN})
    published: dict[str, bytes] = field(default_factory=dict)
    """What can be fetched, by address."""
    refused: dict[str, str] = field(default_factory=dict)
    """What never can be, and why."""

    def __post_init__(self) -> None:
        numbers = count(1)
        randomness: Callable[[int], bytes] = lambda size: next(numbers).to_bytes(size)  # noqa: E731 - a port, named
        self.fetched: list[str] = []
        items = InboundItems()
        configurations = InMemoryInboundConfigurations(items)
        vault = InMemoryProviderVault()
        self.messages = InMemoryMessages(self.clock)
        self.queue = RecordingQueue()
        self.invocations = ScriptedInvocations(self.answers)
        self.webhooks = _Webhooks()
        self.events = _Events()
        self.providers = ManageProviders(
            configurations=configurations,
            changes=InMemoryProviderChanges(items),
            vault=vault,
            allowed_functions=self.allowed,
            clock=self.clock,
            randomness=randomness,
        )
        self.functions = ManageFunctions(
            configurations=configurations,
            changes=InMemoryFunctionChanges(items),
            webhooks=self.webhooks,
            allowed_functions=self.allowed,
            clock=self.clock,
            randomness=randomness,
        )
        match = MatchMessage(
            configurations=configurations,
            vault=vault,
            seen=InMemorySeenSignatures(),
            invocations=self.invocations,
            fetch=self.fetch,
            clock=self.clock,
        )
        self.process = ProcessMessage(
            configurations=configurations,
            runs=self.messages,
            match=match,
            run_function=RunFunction(
                act=Actions(
                    publish=self._publish,
                    events=self.events,
                    webhooks=lambda: self.webhooks,
                    invocations=self.invocations,
                    allowed_functions=self.allowed,
                    clock=self.clock,
                ),
                vault=vault,
                clock=self.clock,
            ),
            concurrently=OneAfterTheOther(),
            clock=self.clock,
            randomness=randomness,
        )
        self.calls: list[tuple[TenantId, int]] = []
        self.sizes: list[tuple[TenantId, int]] = []
        self.receive = ReceiveCall(
            tenant_exists=lambda tenant: tenant == TENANT,
            quotas=Quotas(
                calls=lambda *spent: self.calls.append(spent),
                sizes=lambda *spent: self.sizes.append(spent),
            ),
            match=match,
            messages=self.messages,
            queue=self.queue,
            process=self.process,
            clock=self.clock,
            randomness=randomness,
        )
        self.resubmit = Resubmit(
            log=self.messages,
            messages=self.messages,
            queue=self.queue,
            clock=self.clock,
            randomness=randomness,
        )

    def clock(self) -> datetime:
        return self.now

    def fetch(self, url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
        self.fetched.append(url)
        if url in self.refused:
            raise RefusedError(self.refused[url])
        if url not in self.published:
            raise Unavailable(f"{url} cannot be reached")
        return self.published[url]

    def later(self, wait: timedelta) -> None:
        self.now += wait

    def a_provider(self, **fields: object) -> ProviderId:
        document = {"name": "any", "match": {"expression": "`true`"}, "verify": {"type": "none"}}
        return ProviderId(str(self.providers.create(TENANT, document | fields, BY)["id"]))

    def a_function(self, provider: ProviderId, **fields: object) -> str:
        document = {
            "name": "publish",
            "provider_id": provider,
            "uri": "git/push",
            "action": {"type": "publish", "event": {"type": "'git.push'"}},
        }
        return str(self.functions.create(TENANT, document | fields, BY)["id"])

    def kept(self, call: Call) -> Taken | Refused | Done:
        """How a call that somebody could take is answered."""
        answer = self.receive(call)
        assert not isinstance(answer, NotKept)
        return answer

    def received(self, call: Call) -> Message:
        """The call, taken in and worked on as the worker would."""
        answer = self.kept(call)
        self.work(answer.message_id)
        return self.message(answer.message_id)

    def work(self, message_id: MessageId) -> Finished | ComeBack | Over:
        return self.process(TENANT, message_id)

    def message(self, message_id: MessageId) -> Message:
        message = self.messages.get(TENANT, message_id)
        assert message is not None
        return message

    def _publish(
        self,
        tenant: TenantId,
        document: Mapping[str, object],
        *,
        traceparent: str | None = None,
        hops: int = 0,
    ) -> Accepted:
        event = event_of(document, tenant, self.now, EventId("evt_fresh"), traceparent=traceparent)
        event = replace(event, hops=hops)
        new = self.events.accept(event)
        return Accepted(event.id, event.type, duplicate=not new)
