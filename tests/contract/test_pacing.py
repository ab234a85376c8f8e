"""The ports `Bookmarks` and `RateLimits`."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.ports.events import Bookmark
from hookline.ports.sending import Slots
from tests.builders import MINUTE, NOW, SECOND, TENANT, WEBHOOK_ID, an_id
from tests.contract.ports import Ports


def at(minutes: int, event: str = "e", rewinds: int = 0) -> Bookmark:
    return Bookmark(NOW + minutes * MINUTE, EventId(event), rewinds)


# -- bookmarks -------------------------------------------------------------------------------------


def test_a_tenant_that_was_never_swept_has_no_bookmark(ports: Ports) -> None:
    assert ports.bookmarks.get(TENANT) is None


def test_a_moved_bookmark_reads_as_moved(ports: Ports) -> None:
    assert ports.bookmarks.move(TENANT, None, at(1))
    assert ports.bookmarks.get(TENANT) == at(1)
    assert ports.bookmarks.move(TENANT, at(1), at(1, "f"))
    assert ports.bookmarks.get(TENANT) == at(1, "f")
    assert ports.bookmarks.get(TenantId("globex")) is None


@pytest.mark.parametrize("before", [None, at(1)])
def test_of_two_moves_from_one_place_the_second_loses(
    ports: Ports, before: Bookmark | None
) -> None:
    if before:
        ports.bookmarks.move(TENANT, None, before)
    assert ports.bookmarks.move(TENANT, before, at(2))
    assert not ports.bookmarks.move(TENANT, before, at(3))
    assert ports.bookmarks.get(TENANT) == at(2)


def test_the_same_move_again_stands(ports: Ports) -> None:
    ports.bookmarks.move(TENANT, None, at(2))
    assert ports.bookmarks.move(TENANT, None, at(2))


@pytest.mark.parametrize("standing", [at(1), at(5), at(9), None])
def test_a_rewind_goes_back_and_never_forward(ports: Ports, standing: Bookmark | None) -> None:
    if standing:
        ports.bookmarks.move(TENANT, None, standing)
    ports.bookmarks.rewind(TENANT, at(5, ""))
    place = at(1, rewinds=1) if standing == at(1) else at(5, "", rewinds=1)
    assert ports.bookmarks.get(TENANT) == place


@pytest.mark.parametrize("before", [None, at(1), at(7)])
def test_a_move_that_began_before_a_rewind_loses(ports: Ports, before: Bookmark | None) -> None:
    if before:
        ports.bookmarks.move(TENANT, None, before)
    ports.bookmarks.rewind(TENANT, at(5))
    standing = ports.bookmarks.get(TENANT)
    assert not ports.bookmarks.move(TENANT, before, at(9))
    assert ports.bookmarks.move(TENANT, standing, at(9))
    assert ports.bookmarks.get(TENANT) == at(9, rewinds=1)


# -- rate limits -----------------------------------------------------------------------------------


def book(
    ports: Ports, wanted: int = 1, per_second: float = 2, now: datetime = NOW, seconds: int = 60
) -> Slots:
    return ports.rate_limits.book(
        TENANT,
        WEBHOOK_ID,
        wanted=wanted,
        per_second=per_second,
        now=now,
        horizon=timedelta(seconds=seconds),
    )


def test_an_idle_limit_has_a_slot_now(ports: Ports) -> None:
    assert book(ports) == Slots(NOW, 1)


def test_slots_follow_each_other_at_the_rate(ports: Ports) -> None:
    assert book(ports) == Slots(NOW, 1)
    assert book(ports, wanted=3) == Slots(NOW + SECOND / 2, 3)
    assert book(ports, now=NOW + SECOND) == Slots(NOW + 2 * SECOND, 1)


def test_unused_slots_are_not_saved_up(ports: Ports) -> None:
    book(ports, wanted=4)
    assert book(ports, now=NOW + MINUTE) == Slots(NOW + MINUTE, 1)
    assert book(ports, now=NOW + MINUTE) == Slots(NOW + MINUTE + SECOND / 2, 1)


def test_no_more_slots_are_had_than_begin_before_the_horizon(ports: Ports) -> None:
    assert book(ports, wanted=100, seconds=3) == Slots(NOW, 6)
    assert book(ports, wanted=1, seconds=3) == Slots(NOW + 3 * SECOND, 0)
    assert book(ports, wanted=100, seconds=5) == Slots(NOW + 3 * SECOND, 4)


def test_a_rate_below_one_a_second_spreads_its_slots(ports: Ports) -> None:
    assert book(ports, wanted=2, per_second=0.1) == Slots(NOW, 2)
    assert book(ports, per_second=0.1) == Slots(NOW + 20 * SECOND, 1)


def test_a_rate_that_does_not_divide_a_second_is_never_exceeded(ports: Ports) -> None:
    book(ports, wanted=3_000, per_second=3, seconds=3_000)
    booked = book(ports, per_second=3, seconds=3_000)
    assert booked.first >= NOW + 1_000 * SECOND
    assert booked.first - NOW < 1_001 * SECOND


def test_webhooks_have_slots_of_their_own_and_health_beside_them(ports: Ports) -> None:
    book(ports, wanted=100)
    other = WebhookId(an_id("wh"))
    booked = ports.rate_limits.book(TENANT, other, wanted=1, per_second=2, now=NOW, horizon=MINUTE)
    assert booked == Slots(NOW, 1)
    (health,) = ports.health.get_many([(TENANT, WEBHOOK_ID)])
    assert (health.consecutive_failures, health.version) == (0, 0)
