from __future__ import annotations

from datetime import timedelta

import pytest

from hookline.domain.ids import WebhookId
from hookline.services.delivery.retry_budget import IN_FLIGHT_CAP, RetryBudget
from tests.builders import NOW, SECOND

ONE, OTHER = WebhookId("wh_1"), WebhookId("wh_2")


def a_budget(per_webhook: int = 2, total: int = 3) -> RetryBudget:
    return RetryBudget(ceiling=timedelta(minutes=15), per_webhook=per_webhook, total=total)


def test_a_wait_above_the_ceiling_is_parked() -> None:
    assert a_budget().admits(ONE, timedelta(minutes=15), NOW)
    assert not a_budget().admits(ONE, timedelta(minutes=15, seconds=1), NOW)


def test_a_webhook_beyond_its_share_is_parked_and_others_are_not() -> None:
    budget = a_budget()
    assert [budget.admits(ONE, SECOND, NOW) for _ in range(3)] == [True, True, False]
    assert budget.admits(OTHER, SECOND, NOW)


def test_beyond_the_whole_share_everything_is_parked() -> None:
    budget = a_budget(per_webhook=10)
    assert [budget.admits(ONE, SECOND, NOW) for _ in range(4)] == [True, True, True, False]
    assert not budget.admits(OTHER, SECOND, NOW)


def test_a_wait_that_is_over_makes_room() -> None:
    budget = a_budget(per_webhook=1)
    assert budget.admits(ONE, 10 * SECOND, NOW)
    assert not budget.admits(ONE, SECOND, NOW + 9 * SECOND)
    assert budget.admits(ONE, SECOND, NOW + 10 * SECOND)


@pytest.mark.parametrize("senders", [4, 200, 2_000])
def test_all_senders_together_stay_at_a_fifth_of_what_a_queue_takes_in_flight(senders: int) -> None:
    ceiling = timedelta(minutes=15)
    one = RetryBudget.of_one_in(senders, ceiling)
    webhooks = [WebhookId(f"wh_{n}") for n in range(4)]
    admitted = sum(
        one.admits(webhook, ceiling, NOW) for webhook in webhooks for _ in range(IN_FLIGHT_CAP // 4)
    )
    assert 0 < admitted * senders <= IN_FLIGHT_CAP // 5
