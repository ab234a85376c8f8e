"""A world that takes calls from outside, too: inbound to outbound, through all of Hookline."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hookline.adapters.stack_inbound import InboundStack
from hookline.domain.ids import MessageId, ProviderId, TenantId
from hookline.domain.inbound.message import Call, Progress
from hookline.domain.inbound.tasks import InboundTask, task_to_text
from hookline.errors import Unavailable
from hookline.ports.inbound import Answered
from hookline.services.inbound.edits import By
from hookline.services.inbound.manage_functions import ManageFunctions
from hookline.services.inbound.manage_providers import ManageProviders
from hookline.services.inbound.receive import ReceiveCall
from hookline.services.inbound.work import match_message_over, process_message_over
from hookline_inbound_worker.wiring import Worker, worker_over
from tests.builders import PRINCIPAL, TENANT
from tests.engine.event_types import InMemoryEventTypes
from tests.engine.inbound import (
    NO_QUOTAS,
    InboundItems,
    InMemoryFunctionChanges,
    InMemoryInboundConfigurations,
    InMemoryMessages,
    InMemoryProviderChanges,
    InMemoryProviderVault,
    InMemorySeenSignatures,
    ScriptedInvocations,
)
from tests.engine.queues import Queue
from tests.engine.sending import InMemoryDeadLetters, OneByOne
from tests.engine.wiring import stand_in
from tests.inbound_builders import LAMBDA_ARN, a_call
from tests.simulation.lambdas import QueueMapping, Records, Schedule
from tests.simulation.stubs import NoMetrics
from tests.simulation.world import HOUR, World

_BY = By(PRINCIPAL)
_ALLOWED = frozenset({LAMBDA_ARN})
_SECRET = "of a third party"


class InboundWorld(World):
    """A world with the inbound functions; `receive` is a third party's call."""

    def __init__(self) -> None:
        super().__init__()
        observe = self.steps.observe
        items = InboundItems()
        vault = InMemoryProviderVault()
        self.messages = InMemoryMessages(self.clock)
        self.configurations = observe("configurations", InMemoryInboundConfigurations(items))
        self.new_messages = observe("new_messages", self.messages)
        self.message_runs = observe("message_runs", self.messages)
        self.pending_messages = observe("pending_messages", self.messages)
        self.seen_signatures = observe("seen_signatures", InMemorySeenSignatures())
        self.provider_vault = observe("provider_vault", vault)
        self.invoked = ScriptedInvocations({LAMBDA_ARN: lambda _: Answered(None, "")})
        self.invocations = observe("invocations", self.invoked)
        self._dead_letter_queue = Queue(self.clock)
        queue = Queue(self.clock, max_receive_count=10, dead_letters=self._dead_letter_queue)
        self.inbound_queue = observe("inbound_queue", _InMemoryInboundQueue(queue))
        self._providers = ManageProviders(
            configurations=InMemoryInboundConfigurations(items),
            changes=InMemoryProviderChanges(items),
            vault=vault,
            allowed_functions=_ALLOWED,
            clock=self.clock,
            randomness=self.random.randbytes,
        )
        self._functions = ManageFunctions(
            configurations=InMemoryInboundConfigurations(items),
            changes=InMemoryFunctionChanges(items),
            webhooks=self.engine.webhooks_table,
            allowed_functions=_ALLOWED,
            clock=self.clock,
            randomness=self.random.randbytes,
        )
        self.mappings["inbound"] = QueueMapping(
            name="hookline-sim-inbound",
            queue=queue,
            work=self._work,
            actors=self.actors,
            steps=self.steps,
            concurrency=20,
        )
        Schedule(HOUR, self._sweep, self.actors, self.steps)

    def provider(self) -> ProviderId:
        """One that takes every call that is signed as `receive` does it."""
        verify = {"type": "slack", "secret": _SECRET}
        document = {"name": "any", "match": {"expression": "`true`"}, "verify": verify}
        return ProviderId(str(self._providers.create(TENANT, document, _BY)["id"]))

    def function(
        self, provider: ProviderId, action: Mapping[str, object], **fields: object
    ) -> None:
        """One for the uri of the builders' calls."""
        document = {"name": "f", "provider_id": provider, "uri": "git/push", "action": action}
        self._functions.create(TENANT, document | fields, _BY)

    def receive(self, body: bytes | None = None) -> None:
        """A third party's call; it counts as accepted if this returns."""
        stack = self._stack()
        ReceiveCall(
            tenant_exists=lambda _tenant: True,
            quotas=NO_QUOTAS,
            match=match_message_over(stack),
            messages=self.new_messages,
            queue=self.inbound_queue,
            process=process_message_over(stack),
            clock=self.clock,
            randomness=self.random.randbytes,
        )(_signed(self.clock.now, body))

    @property
    def taken_in(self) -> int:
        return max(1, len(self.messages.page(TENANT, 100)[0]))

    @property
    def unfinished(self) -> Sequence[str]:
        page, _ = self.messages.page(TENANT, 100)
        return [each.id for each in page if each.status is not Progress.SUCCESS]

    def _stack(self) -> InboundStack:
        own = {name: port for name, port in vars(self).items() if hasattr(InboundStack, name)}
        return stand_in(
            InboundStack,
            None,
            self.clock,
            **own,
            fetch=_nothing,
            events=self.engine.events,
            event_types=InMemoryEventTypes(),
            webhooks=self.engine.webhooks,
            tenants=self.engine.tenants,
            inbound_dead_letters=InMemoryDeadLetters(self._dead_letter_queue),
            allowed_functions=_ALLOWED,
            concurrently=OneByOne(),
            randomness=self.random.randbytes,
        )

    def _worker(self) -> Worker:
        metrics = NoMetrics(self.engine)
        return worker_over(self._stack(), side_by_side=OneByOne(), metrics=metrics)

    def _work(self, records: Records) -> Sequence[str]:
        return self._worker().batch(records)

    def _sweep(self) -> None:
        self._worker().sweep(lambda: True)


def _signed(now: datetime, body: bytes | None) -> Call:
    """A third party signs each call anew, one that it repeats too."""
    call, at = a_call() if body is None else a_call(body=body), str(int(now.timestamp()))
    content = f"v0:{at}:".encode() + call.body
    signature = hmac.new(_SECRET.encode(), content, "sha256").hexdigest()
    headers = {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={signature}"}
    return replace(call, headers={**call.headers, **headers})


class _InMemoryInboundQueue:
    """`InboundQueue`, and how the worker hides what shall come back."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(
        self, tenant: TenantId, message_id: MessageId, delay: timedelta = timedelta(0)
    ) -> None:
        self._queue.send(task_to_text(InboundTask(tenant, message_id)), delay=delay)

    def send_many(self, tenant: TenantId, message_ids: Sequence[MessageId]) -> None:
        for message_id in message_ids:
            self.send(tenant, message_id)

    def hide(self, waits: Mapping[str, timedelta]) -> None:
        for handle, wait in waits.items():
            self._queue.hide(handle, wait)


def _nothing(url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
    raise Unavailable(url)
