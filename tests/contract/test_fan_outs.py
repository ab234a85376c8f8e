"""The port `FanOuts`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hookline.domain.fan_out.fan_out import FanOut, Match, Stretch
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.lease import LEASE, Lease
from tests.builders import MINUTE, NOW, TENANT, a_fan_out, a_match, an_id
from tests.contract.ports import RETENTION, SHARDED, Ports, ports_over

ports = ports_over("memory", *SHARDED)


def matches(count: int) -> tuple[Match, ...]:
    return tuple(a_match(webhook_id=WebhookId(an_id("wh"))) for _ in range(count))


def at(minutes: int, event: str = "e") -> FanOut:
    return a_fan_out(accepted_at=NOW + minutes * MINUTE, event_id=EventId(f"{event}{minutes}"))


def claimed(ports: Ports, *fan_outs: FanOut) -> list[FanOut]:
    for fan_out in fan_outs:
        assert ports.fan_outs.claim(fan_out)
    return list(fan_outs)


def test_a_claimed_record_reads_as_it_was_claimed(ports: Ports) -> None:
    fan_out = a_fan_out(
        matches=(
            a_match(activation={"active": True, "value": None}),
            a_match(webhook_id=WebhookId(an_id("wh")), max_age=timedelta(seconds=90)),
            a_match(webhook_id=WebhookId(an_id("wh")), activation={"active": True, "value": None}),
            a_match(webhook_id=WebhookId(an_id("wh")), activation="\u00fc" * 40),
        ),
        test=True,
    )
    claimed(ports, fan_out)
    assert ports.fan_outs.get(TENANT, fan_out.accepted_at, fan_out.event_id) == fan_out


def test_an_event_nobody_wants_has_a_record_too(ports: Ports) -> None:
    fan_out = a_fan_out(matches=())
    claimed(ports, fan_out)
    assert ports.fan_outs.get(TENANT, NOW, fan_out.event_id) == fan_out


def test_a_second_run_does_not_get_the_claim(ports: Ports) -> None:
    first = a_fan_out(claim="run-1")
    claimed(ports, first)
    assert not ports.fan_outs.claim(a_fan_out(claim="run-2", matches=()))
    assert ports.fan_outs.get(TENANT, NOW, first.event_id) == first


def test_a_run_that_asks_again_still_has_its_claim(ports: Ports) -> None:
    claimed(ports, a_fan_out())
    assert ports.fan_outs.claim(a_fan_out())


def extended(ports: Ports, fan_out: FanOut, *stretches: Stretch) -> FanOut:
    for stretch in stretches:
        after = ports.fan_outs.extend(fan_out, stretch)
        assert after is not None
        fan_out = after
    return fan_out


def stretch(count: int, *, finished: bool = False) -> Stretch:
    found = matches(count)
    reached = found[-1].webhook_id if found else WebhookId(an_id("wh"))
    return Stretch(found, None if finished else reached, finished, spent=7)


def test_each_step_of_matching_adds_a_chunk(ports: Ports) -> None:
    (fan_out,) = claimed(ports, a_fan_out(open=True))
    steps = [stretch(3), stretch(0), stretch(2, finished=True)]
    after = extended(ports, fan_out, *steps)
    assert ports.fan_outs.get(TENANT, NOW, fan_out.event_id) == after
    assert (after.matched_count, after.further_chunks) == (fan_out.matched_count + 5, 2)
    assert (after.open, after.reached, after.spent) == (False, None, 21)
    assert after.moved_at == ports.clock()
    assert tuple(ports.fan_outs.chunk(after, 0)) == fan_out.matches
    assert tuple(ports.fan_outs.chunk(after, 1)) == steps[0].matches
    assert tuple(ports.fan_outs.chunk(after, 2)) == steps[2].matches
    assert ports.fan_outs.chunk(after, 3) == ()


def test_a_record_moves_for_one_of_two_runs(ports: Ports) -> None:
    (fan_out,) = claimed(ports, a_fan_out(open=True))
    one, other = stretch(1), stretch(1)
    first = extended(ports, fan_out, one)
    assert extended(ports, first, other).reached == other.reached
    assert ports.fan_outs.extend(fan_out, stretch(0)) is None


def test_a_chunk_whose_run_died_before_it_moved_the_record_stays_as_it_is(ports: Ports) -> None:
    (fan_out,) = claimed(ports, a_fan_out(open=True))
    one = stretch(4)
    # As the record stands still, the other run cannot know that the chunk is written.
    first = extended(ports, fan_out, one)
    assert ports.fan_outs.extend(fan_out, stretch(9)) in (None, first)
    assert tuple(ports.fan_outs.chunk(first, 1)) == one.matches


def test_what_is_stopped_says_why_until_it_goes_on(ports: Ports) -> None:
    (fan_out,) = claimed(ports, a_fan_out(open=True))
    ports.fan_outs.stop(fan_out, "too costly")
    stopped = ports.fan_outs.get(TENANT, NOW, fan_out.event_id)
    assert stopped == replace(fan_out, stopped="too costly")
    assert extended(ports, stopped, stretch(1, finished=True)).stopped is None


def test_the_largest_chunk_fits_whatever_the_activations_hold(ports: Ports) -> None:
    text = "x" * 100_000
    large = a_fan_out(
        matches=tuple(
            a_match(webhook_id=WebhookId(an_id("wh")), activation={"value": f"{number % 2}{text}"})
            for number in range(500)
        )
    )
    claimed(ports, large)
    assert ports.fan_outs.get(TENANT, NOW, large.event_id) == large


def test_the_claim_holds_the_first_chunk_for_one_lease(ports: Ports) -> None:
    fan_out = a_fan_out(claimed_at=NOW)
    claimed(ports, fan_out)
    lease = ports.fan_outs.lease
    assert lease(fan_out, 0, "b", NOW + LEASE - MINUTE) is Lease.HELD
    assert lease(fan_out, 0, "b", NOW + LEASE) is Lease.AGAIN
    assert lease(fan_out, 0, "c", NOW + LEASE + MINUTE) is Lease.HELD
    assert lease(fan_out, 0, "b", NOW + LEASE + MINUTE) is Lease.AGAIN
    assert ports.fan_outs.get(TENANT, NOW, fan_out.event_id) == fan_out


def test_a_further_chunk_is_first_leased_and_then_leased_again(ports: Ports) -> None:
    (fan_out,) = claimed(ports, a_fan_out(open=True))
    step = stretch(1, finished=True)
    fan_out = extended(ports, fan_out, step)
    lease = ports.fan_outs.lease
    assert lease(fan_out, 1, "a", NOW) is Lease.FIRST
    assert lease(fan_out, 1, "a", NOW) is Lease.AGAIN
    assert lease(fan_out, 1, "b", NOW + LEASE - MINUTE) is Lease.HELD
    assert lease(fan_out, 1, "b", NOW + LEASE) is Lease.AGAIN
    assert tuple(ports.fan_outs.chunk(fan_out, 1)) == step.matches


def test_a_chunk_that_is_not_there_cannot_be_had(ports: Ports) -> None:
    fan_out = a_fan_out()
    claimed(ports, fan_out)
    assert ports.fan_outs.lease(fan_out, 1, "a", NOW) is Lease.HELD
    assert ports.fan_outs.chunk(fan_out, 1) == ()


def test_pages_list_a_tenants_events_newest_first(ports: Ports) -> None:
    records = claimed(ports, *(at(minutes) for minutes in range(5)))
    claimed(ports, replace(at(2), tenant=TenantId("globex")))
    first, after = ports.fan_outs.page(TENANT, 2)
    second, after2 = ports.fan_outs.page(TENANT, 2, after=after)
    third, after3 = ports.fan_outs.page(TENANT, 2, after=after2)
    assert [*first, *second, *third] == records[::-1]
    assert after3 is None


def test_pages_go_the_other_way_too(ports: Ports) -> None:
    records = claimed(ports, *(at(minutes) for minutes in range(5)))
    first, after = ports.fan_outs.page(TENANT, 3, newest_first=False)
    second, after2 = ports.fan_outs.page(TENANT, 3, newest_first=False, after=after)
    assert [*first, *second] == records
    assert (after, after2) == ((records[2].accepted_at, records[2].event_id), None)


def test_events_of_one_instant_are_told_apart(ports: Ports) -> None:
    records = claimed(ports, at(0, "a"), at(0, "b"), at(0, "c"))
    found, after = ports.fan_outs.page(TENANT, 1, newest_first=False)
    rest, _ = ports.fan_outs.page(TENANT, 5, newest_first=False, after=after)
    assert [*found, *rest] == records


def test_a_page_holds_what_was_accepted_from_since_to_before_until(ports: Ports) -> None:
    records = claimed(ports, *(at(minutes) for minutes in range(5)))
    found, _ = ports.fan_outs.page(TENANT, 9, since=NOW + MINUTE, until=NOW + 3 * MINUTE)
    assert found == [records[2], records[1]]
    after = (records[3].accepted_at, records[3].event_id)
    found, _ = ports.fan_outs.page(TENANT, 9, after=after, since=NOW + MINUTE)
    assert found == [records[2], records[1]]
    found, _ = ports.fan_outs.page(TENANT, 9, newest_first=False, after=after, since=NOW)
    assert found == [records[4]]


def test_a_page_of_a_time_that_is_over_before_it_begins_is_empty(ports: Ports) -> None:
    claimed(ports, at(0))
    assert ports.fan_outs.page(TENANT, 9, since=NOW, until=NOW - MINUTE) == ([], None)


def test_expired_records_are_not_read(ports: Ports) -> None:
    old, new = claimed(ports, at(0), at(5))
    ports.clock.now = old.accepted_at + RETENTION + MINUTE
    assert ports.fan_outs.get(TENANT, old.accepted_at, old.event_id) is None
    assert ports.fan_outs.page(TENANT, 9) == ([new], None)
