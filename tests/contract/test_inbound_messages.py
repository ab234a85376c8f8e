"""One suite for the inbound messages' ports: DynamoDB's stores (on moto) and the ones in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from hookline.domain.ids import FunctionId, MessageId, ProviderId
from hookline.domain.inbound.message import Execution, Original, Outcome, PassedOver, Progress
from hookline.domain.inbound.message_filter import MessageFilter
from hookline.domain.inbound.signatures import Replayable
from hookline.ports.inbound import Claim, Claimed, Held, NothingToDo
from tests.builders import NOW, PRINCIPAL, TENANT, an_id
from tests.contract.inbound_stores import CLAIM, OTHER_TENANT, Stores, in_memory, on_aws
from tests.inbound_builders import a_call, a_message


@pytest.fixture(params=["memory", "aws"])
def stores(request: pytest.FixtureRequest) -> Stores:
    return in_memory() if request.param == "memory" else on_aws(request.getfixturevalue("dynamodb"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"\xff\x00\xfe",
        b"a" * 16_385,
        b"\xff" * 262_144,
        "ü".encode() * 131_072,
    ],
)
def test_a_message_reads_back_byte_for_byte(stores: Stores, body: bytes) -> None:
    message = a_message(
        call=a_call(body=body, query={"a": ("1", "2"), "": ("",)}, headers={"x-y": "z, z"}),
        sync=True,
        resubmit_of=MessageId(an_id("msg")),
        resubmitted_by=PRINCIPAL,
        original=Original(
            id=MessageId(an_id("msg")), received_at=NOW, provider_id=ProviderId("prv_1")
        ),
    )
    stores.messages.put(message)
    assert stores.messages.get(TENANT, message.id) == message
    assert stores.messages.get(OTHER_TENANT, message.id) is None


def test_a_body_that_no_item_holds_reads_back_for_whoever_works_on_it(stores: Stores) -> None:
    message = a_message(call=a_call(body=b"\xff" * 262_145))
    stores.messages.put(message)
    assert stores.messages.get(TENANT, message.id) == message
    claimed = stores.messages.claim(TENANT, message.id, CLAIM, NOW)
    assert claimed == Claimed(replace(message, tries=1))
    page, _ = stores.messages.page(TENANT, 10)
    assert [each.call.body for each in page] == [b""]


def test_one_run_works_on_a_message_at_a_time(stores: Stores) -> None:
    message = a_message(call=a_call(body=b"b" * 20_000))
    stores.messages.put(message)
    claimed = stores.messages.claim(TENANT, message.id, CLAIM, NOW)
    assert claimed == Claimed(replace(message, tries=1))
    other = Claim("run-2", NOW + timedelta(seconds=91))
    assert stores.messages.claim(TENANT, message.id, other, NOW) == Held(CLAIM.until)
    later = CLAIM.until
    assert stores.messages.claim(TENANT, message.id, other, later) == Claimed(
        replace(message, tries=2)
    )
    assert not stores.messages.save(message, "run-1", release=True), "the claim has gone"


def test_a_released_message_can_be_claimed_at_once(stores: Stores) -> None:
    message = a_message()
    stores.messages.put(message, CLAIM)
    other = Claim("run-2", CLAIM.until)
    assert stores.messages.claim(TENANT, message.id, other, NOW) == Held(CLAIM.until)
    assert stores.messages.save(message, "run-1", release=True)
    assert stores.messages.save(message, "run-1", release=True), "a repeat whose reply got lost"
    assert isinstance(stores.messages.claim(TENANT, message.id, other, NOW), Claimed)


def test_what_a_run_saves_is_what_is_read(stores: Stores) -> None:
    message = a_message(call=a_call(body=b"b" * 20_000, headers={"x-token": "t"}))
    stores.messages.put(message, CLAIM)
    saved = replace(
        message,
        call=replace(message.call, headers={"x-token": "*****"}),
        provider_id=ProviderId("prv_1"),
        provider_name="GitHub",
        outcome=Outcome.MATCHED,
        status=Progress.FAILED,
        message="it failed",
        passed_over=(PassedOver(ProviderId("prv_0"), "inactive"),),
        executions=(
            Execution(function_id=FunctionId("fn_1"), function_name="one"),
            Execution(
                function_id=FunctionId("fn_2"),
                function_name="two",
                status=Progress.FAILED,
                message="no",
                logs="why",
                started_at=NOW,
                ended_at=NOW + timedelta(seconds=1),
            ),
        ),
    )
    assert stores.messages.save(saved, "run-1", release=True)
    assert stores.messages.get(TENANT, message.id) == saved
    assert stores.messages.claim(TENANT, message.id, CLAIM, NOW) == NothingToDo()


def test_there_is_nothing_to_do_for_what_is_unknown_or_expired(stores: Stores) -> None:
    message = a_message()
    assert stores.messages.claim(TENANT, message.id, CLAIM, NOW) == NothingToDo()
    stores.messages.put(message)
    stores.time.now = NOW + timedelta(days=7)
    assert stores.messages.get(TENANT, message.id) is None
    assert stores.messages.page(TENANT, 10) == ([], None)
    assert stores.messages.claim(TENANT, message.id, CLAIM, stores.time.now) == NothingToDo()


def test_messages_page_newest_first_without_their_bodies(stores: Stores) -> None:
    made = [a_message(call=a_call(body=b"b" * 20_000)) for _ in range(5)]
    for message in [*made, a_message(call=a_call(tenant=OTHER_TENANT))]:
        stores.messages.put(message)
    first, place = stores.messages.page(TENANT, 3)
    second, end = stores.messages.page(TENANT, 3, before=place)
    assert [each.id for each in (*first, *second)] == [each.id for each in reversed(made)]
    assert {each.call.body for each in first} == {b""}
    assert end is None


def test_messages_are_filtered_by_status_provider_and_uri(stores: Stores) -> None:
    wanted = a_message(
        status=Progress.SUCCESS, provider_id=ProviderId("prv_1"), call=a_call(uri="a")
    )
    for message in (
        wanted,
        replace(wanted, id=MessageId(an_id("msg")), status=Progress.FAILED),
        replace(wanted, id=MessageId(an_id("msg")), provider_id=ProviderId("prv_2")),
        replace(wanted, id=MessageId(an_id("msg")), call=a_call(uri="b")),
    ):
        stores.messages.put(message)
    found, _ = stores.messages.page(
        TENANT,
        10,
        wanted=MessageFilter(status=Progress.SUCCESS, provider=ProviderId("prv_1"), uri="a"),
    )
    assert [each.id for each in found] == [wanted.id]
    assert len(stores.messages.page(TENANT, 10, wanted=MessageFilter(uri="a"))[0]) == 3


def test_messages_are_filtered_by_outcome_and_time_and_a_uri_with_slashes_at_its_ends(
    stores: Stores,
) -> None:
    def at(seconds: int, **fields: Any) -> MessageId:
        moment = NOW + timedelta(seconds=seconds)
        message = a_message(id=MessageId(an_id("msg", moment)), received_at=moment, **fields)
        stores.messages.put(message)
        return message.id

    def found(**wanted: Any) -> list[MessageId]:
        page, _ = stores.messages.page(TENANT, 10, wanted=MessageFilter(**wanted))
        return [each.id for each in page]

    early = at(0, outcome=Outcome.NO_PROVIDER, call=a_call(uri="/a/"))
    middle = at(10, outcome=Outcome.MATCHED, call=a_call(uri="a/"))
    late = at(20, outcome=Outcome.MATCHED, call=a_call(uri="a/b"))
    assert found(outcome=Outcome.MATCHED) == [late, middle]
    assert found(uri="a") == found(uri="/a/") == [middle, early]
    since, until = NOW + timedelta(seconds=10), NOW + timedelta(seconds=20)
    assert found(since=since) == [late, middle]
    assert found(until=until) == [middle, early]
    assert found(since=since, until=until) == [middle]
    assert found(since=until, until=since) == []
    page, place = stores.messages.page(TENANT, 1, wanted=MessageFilter(since=since))
    rest, _ = stores.messages.page(TENANT, 1, before=place, wanted=MessageFilter(since=since))
    assert [each.id for each in (*page, *rest)] == [late, middle]


def test_what_is_pending_is_found_by_the_time_it_came(stores: Stores) -> None:
    def at(seconds: int, **fields: Any) -> MessageId:
        moment = NOW + timedelta(seconds=seconds)
        message = a_message(id=MessageId(an_id("msg", moment)), received_at=moment, **fields)
        stores.messages.put(message)
        return message.id

    at(0)
    wanted = [at(10), at(19)]
    at(15, status=Progress.FAILED)
    at(15, call=a_call(tenant=OTHER_TENANT))
    at(20)
    found = stores.messages.pending(
        TENANT, NOW + timedelta(seconds=10), NOW + timedelta(seconds=20)
    )
    assert [*chain.from_iterable(found)] == wanted


# -- signatures ------------------------------------------------------------------------------------


def test_a_signature_is_good_for_one_message_of_one_provider(stores: Stores) -> None:
    one, two = MessageId(an_id("msg")), MessageId(an_id("msg"))
    mine, yours = ProviderId(an_id("prv")), ProviderId(an_id("prv"))
    signature = Replayable("ab" * 32, NOW + timedelta(minutes=5))
    seen = stores.signatures
    assert seen.claim(TENANT, mine, signature, one, NOW)
    assert seen.claim(TENANT, mine, signature, one, NOW), "the same message may ask again"
    assert not seen.claim(TENANT, mine, signature, two, NOW)
    assert seen.claim(TENANT, yours, signature, two, NOW)
    assert seen.claim(OTHER_TENANT, mine, signature, two, NOW)
    expired = signature.until + timedelta(seconds=2)
    assert seen.claim(TENANT, mine, signature, two, expired)
