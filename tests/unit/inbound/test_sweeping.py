"""Messages that lost their place in the queue, of more tenants than one sweep has time for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from hookline.domain.ids import MessageId, TenantId
from hookline.domain.inbound.tasks import STUCK_AFTER
from hookline.services.inbound.sweep_messages import SweepMessages
from tests.builders import HOUR, NOW, an_id
from tests.engine.clock import FakeClock
from tests.engine.identity import Identities, InMemoryTenants
from tests.engine.inbound import InMemoryMessages, RecordingQueue
from tests.identity_builders import a_tenant
from tests.inbound_builders import a_call, a_message


class Inbound:
    """Tenants by number, each with one message that is stuck."""

    def __init__(self, tenants: int) -> None:
        self.clock = FakeClock(NOW)
        self.tenants = InMemoryTenants(Identities())
        self.messages = InMemoryMessages(self.clock)
        self.queue = RecordingQueue()
        self.reads = 0
        for number in range(tenants):
            at = NOW + timedelta(milliseconds=number)
            tenant = TenantId(f"tenant-{number}")
            self.tenants.create(a_tenant(id=tenant, created_at=at))
            self.receive(tenant)
        self.clock.advance(STUCK_AFTER + HOUR)

    def receive(self, tenant: TenantId, count: int = 1) -> None:
        for _ in range(count):
            message_id = MessageId(an_id("msg", self.clock()))
            call = a_call(tenant=tenant)
            self.messages.put(a_message(id=message_id, call=call, received_at=self.clock()))

    def pending(
        self, tenant: TenantId, since: datetime, until: datetime
    ) -> Sequence[Sequence[MessageId]]:
        self.reads += 1
        if tenant == "tenant-broken":
            raise KeyError(tenant)
        return [*self.messages.pending(tenant, since, until)]

    def time_for(self, tenants: int) -> Callable[[], bool]:
        most = self.reads + tenants
        return lambda: self.reads < most

    def sweep(self) -> SweepMessages:
        return SweepMessages(
            tenants=self.tenants, messages=self, queue=self.queue, clock=self.clock
        )

    @property
    def queued(self) -> set[TenantId]:
        return {tenant for tenant, _, _ in self.queue.sent}


def test_sweeps_with_time_for_a_third_of_the_tenants_let_no_message_fall_out_of_reach() -> None:
    inbound = Inbound(tenants=60)
    for _ in range(5):
        inbound.sweep()(inbound.time_for(20))
        assert len(inbound.queue.sent) < 6 * 20
        inbound.clock.advance(HOUR)
    inbound.sweep()(inbound.time_for(20))
    assert len(inbound.queued) == 60


def test_a_sweep_without_time_reads_nothing_and_queues_nothing() -> None:
    inbound = Inbound(tenants=3)
    assert inbound.sweep()(lambda: False).messages == 0
    assert (inbound.reads, inbound.queue.sent) == (0, [])


def test_a_tenant_with_many_messages_has_its_second_read_once_the_others_had_one() -> None:
    inbound = Inbound(tenants=3)
    inbound.clock.advance(-HOUR)
    inbound.receive(TenantId("tenant-1"), 250)
    inbound.clock.advance(2 * HOUR)
    done = inbound.sweep()(lambda: len(inbound.queue.sent) < 102)
    assert done.messages == len(inbound.queue.sent) == 102
    assert len(inbound.queued) == 3


def test_a_tenant_that_cannot_be_swept_leaves_the_others_their_turn() -> None:
    inbound = Inbound(tenants=3)
    broken = TenantId("tenant-broken")
    inbound.tenants.create(a_tenant(id=broken, created_at=NOW + HOUR))
    done = inbound.sweep()(lambda: True)
    assert [each.whose for each in done.failed] == [broken]
    assert len(inbound.queued) == 3
