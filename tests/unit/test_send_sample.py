from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.delivery.delivery import Status
from hookline.domain.event.catalogue import EventType
from hookline.domain.ids import TenantId
from hookline.domain.lease import LEASE
from hookline.errors import Conflict, NotFound, Rejected
from hookline.services.webhook.send_sample import SendTest
from tests.builders import NOW, TENANT, WEBHOOK_ID
from tests.engine.crashes import crash_at
from tests.engine.steps import Moment
from tests.engine.system import Crash, System


class OneType:
    """A catalogue with one entry."""

    entry = EventType(tenant=TENANT, type="flow.executed", example={"rows": 3}, updated_at=NOW)

    def get(self, tenant: TenantId, event_type: str) -> EventType | None:
        return self.entry if event_type == self.entry.type else None


def send_test(system: System) -> SendTest:
    return SendTest(
        webhooks=system.engine.webhooks,
        event_types=OneType(),
        events=system.engine.events,
        deliveries=system.engine.new_deliveries,
        first_attempts=system.engine.first_attempts,
        clock=system.clock,
        randomness=lambda size: b"7" * size,
    )


def test_a_test_is_delivered_once_to_its_webhook_alone_and_marked(system: System) -> None:
    webhook = system.webhook(events=("user.created",))
    system.webhook()
    shown = send_test(system)(TENANT, webhook.id, {})
    assert (shown.status, shown.test) == (Status.CREATED, True)
    system.run_everything()
    delivery = system.engine.delivery_changes.get(shown.key)
    assert delivery is not None
    assert (delivery.status, delivery.test) == (Status.SUCCESS, True)
    assert delivery.last_attempt is not None
    assert delivery.last_attempt.trigger == "test"
    (call,) = system.endpoints.calls
    assert call.url == webhook.url
    assert call.call.headers["X-Hookline-Event"] == "user.created"


def test_its_data_is_what_is_given_or_the_catalogue_s_example(system: System) -> None:
    webhook = system.webhook()
    send_test(system)(TENANT, webhook.id, {"type": "flow.executed"})
    system.run_everything()
    assert b'"data":{"rows":3}' in (system.endpoints.calls[0].call.body or b"")


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("name", ["new_deliveries.create", "events.accept", "first_attempts.send"])
def test_a_crash_while_it_is_sent_leaves_nothing_waiting_for_ever(
    system: System, name: str, moment: Moment
) -> None:
    webhook = system.webhook()
    system.engine.steps.hook = crash_at(name, moment)
    with pytest.raises(Crash):
        send_test(system)(TENANT, webhook.id, {})
    system.start()
    system.run_everything()
    system.pass_time(LEASE + timedelta(minutes=2))
    page, _ = system.engine.delivery_log.page(TENANT, webhook.id, 10)
    assert all(delivery.status.ended for delivery in page)
    assert len(system.endpoints.calls) <= 1


def test_a_webhook_that_is_off_or_not_there_is_not_tested(system: System) -> None:
    webhook = system.edit(system.webhook(), enabled=False)
    with pytest.raises(Conflict):
        send_test(system)(TENANT, webhook.id, {})
    with pytest.raises(NotFound):
        send_test(system)(TENANT, WEBHOOK_ID, {})


@pytest.mark.parametrize(
    ("document", "field"),
    [({"kind": "x"}, "kind"), ({"type": "a b"}, "type"), ({"type": "hookline.x"}, "type")],
)
def test_a_request_that_breaks_rules_is_rejected_naming_the_field(
    system: System, document: dict[str, object], field: str
) -> None:
    webhook = system.webhook()
    with pytest.raises(Rejected) as rejected:
        send_test(system)(TENANT, webhook.id, document)
    assert [error.field for error in rejected.value.errors] == [field]
