"""Deliveries that wait, and the messages that bring them on."""

from __future__ import annotations

from hookline.domain.delivery.delivery import OnTheClock, Status
from hookline.domain.ids import EventId
from tests.builders import NOW, TENANT, a_delivery, an_id
from tests.engine.steps import never_sent
from tests.engine.system import System


def test_a_write_that_is_refused_holds_up_none_of_the_others_messages() -> None:
    system = System()
    webhook = system.webhook()
    system.engine.deliveries_table.create(
        [
            a_delivery(
                webhook_id=webhook.id,
                event_id=EventId(an_id("evt")),
                status=Status.RETRYING,
                waiting=OnTheClock(NOW),
            )
            for _ in range(5)
        ]
    )
    system.start()
    system.engine.steps.hook = never_sent("delivery_changes.replace", 2)
    done = system.release_due(lambda: True)
    assert [each.whose for each in done.failed] == [f"{TENANT}/{webhook.id}"]
    assert len(system.engine.retry_queue.messages) == 4
