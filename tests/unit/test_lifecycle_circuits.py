"""What an open circuit holds, and what passes it: probes and users' retries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hookline.domain.delivery.changing import release, retry_now
from hookline.domain.delivery.deciding import Hold, Ignore
from hookline.domain.delivery.delivery import OnItsWebhook
from hookline.domain.lease import LEASE
from hookline.domain.webhook.health import Draining, Health, Open, probed
from tests.builders import NOW, SECOND, a_delivery, a_health, a_retrying_delivery, a_task
from tests.unit.deciding import LATER, OPEN, asked, made


def test_an_open_circuit_holds_and_shows_when_it_is_probed_next() -> None:
    due = NOW + 10 * SECOND
    decision = asked(a_retrying_delivery(next_attempt_at=due), health=OPEN)
    assert isinstance(decision, Hold)
    assert decision.after.waiting == OnItsWebhook(due)
    assert decision.after.next_attempt_at == NOW + 30 * SECOND
    assert decision.after.timer is None


def test_an_open_circuit_holds_early_messages_too_so_that_they_occupy_no_queue() -> None:
    due = NOW + 300 * SECOND
    decision = asked(a_retrying_delivery(next_attempt_at=due), health=OPEN)
    assert isinstance(decision, Hold)
    assert decision.after.next_attempt_at == due


def test_a_user_s_retry_and_a_probe_pass_an_open_circuit() -> None:
    retried = retry_now(a_retrying_delivery(), NOW)
    assert asked(retried, health=OPEN) == made(retried)
    probe = release(a_retrying_delivery(waiting=OnItsWebhook(NOW)), LATER, probe=True)
    assert asked(probe, health=OPEN) == made(probe)


def test_a_probe_whose_scheduler_has_a_faster_clock_goes_out_at_once() -> None:
    ahead = LATER + SECOND
    probe = release(a_retrying_delivery(waiting=OnItsWebhook(NOW)), ahead, probe=True)
    assert asked(probe, health=OPEN) == made(probe)


def test_only_the_probe_s_own_message_makes_the_probe() -> None:
    before = a_retrying_delivery(waiting=OnItsWebhook(NOW))
    probe = release(before, LATER, probe=True)
    assert isinstance(asked(probe, task=a_task(before), health=OPEN), Ignore)


def probing(released: datetime, interval: timedelta) -> Health:
    """How things stand once a probe was claimed at ``released``, the intervals having grown."""
    before = Open(opened_at=NOW, next_probe_at=released, probe_interval=interval)
    return probed(a_health(circuit=before), released)


@pytest.mark.parametrize("interval", [30, 60, 240, 300])
def test_a_probe_is_good_until_the_next_one_may_go_out(interval: int) -> None:
    probe = release(a_retrying_delivery(waiting=OnItsWebhook(NOW)), LATER, probe=True)
    health = probing(LATER, interval * SECOND)
    just_before = LATER - NOW + (interval - 1) * SECOND
    assert asked(probe, health=health, at=just_before) == made(probe)
    late = asked(probe, health=health, at=just_before + SECOND)
    assert isinstance(late, Hold)
    assert late.after.trigger == "schedule"
    assert isinstance(late.after.waiting, OnItsWebhook)
    assert isinstance(asked(late.after, task=a_task(probe), health=health), Ignore)


@pytest.mark.parametrize("interval", [60, 120, 240, 300])
def test_a_probe_that_another_has_followed_stays_behind(interval: int) -> None:
    earlier = interval if interval == 300 else interval / 2
    probe = release(a_retrying_delivery(waiting=OnItsWebhook(NOW)), LATER, probe=True)
    followed = LATER + earlier * SECOND
    health = probing(followed, interval * SECOND)
    assert isinstance(asked(probe, health=health, at=followed - NOW + SECOND), Hold)


def test_a_probe_passes_though_the_health_read_does_not_know_of_it_yet() -> None:
    probe = release(a_retrying_delivery(waiting=OnItsWebhook(NOW)), LATER, probe=True)
    before = Open(opened_at=NOW, next_probe_at=LATER - SECOND, probe_interval=60 * SECOND)
    health = a_health(circuit=before)
    assert asked(probe, health=health, at=LATER - NOW + SECOND) == made(probe)


def test_a_probe_whose_message_got_lost_goes_on_as_an_ordinary_attempt() -> None:
    lost = release(a_retrying_delivery(waiting=OnItsWebhook(NOW)), LATER, probe=True)
    released = release(lost, LATER + LEASE)
    assert released.trigger == "schedule"
    assert isinstance(asked(released, health=OPEN), Hold)


def test_while_a_circuit_drains_calls_go_out() -> None:
    delivery = a_delivery()
    assert asked(delivery, health=a_health(circuit=Draining(NOW))) == made(delivery)
