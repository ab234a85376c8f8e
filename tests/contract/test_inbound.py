"""One suite for the inbound ports: DynamoDB's stores (on moto) and the ones in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from hookline.adapters import aws
from hookline.adapters.dynamo.inbound_changes import DynamoFunctionChanges, DynamoProviderChanges
from hookline.adapters.dynamo.inbound_configurations import DynamoInboundConfigurations
from hookline.adapters.dynamo.inbound_messages import DynamoMessages
from hookline.adapters.dynamo.inbound_signatures import DynamoSeenSignatures
from hookline.adapters.dynamo.pynamo import PynamoTable
from hookline.adapters.kms import Sealer
from hookline.adapters.kms_inbound import KmsProviderVault
from hookline.domain.ids import MessageId, TenantId, WebhookId
from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.function import Forward, Invoke, Publish
from hookline.domain.inbound.ids import FunctionId, ProviderId
from hookline.domain.inbound.message import Execution, Outcome, PassedOver, Progress
from hookline.domain.inbound.provider import MAX_PROVIDERS, MatchFunction, ProviderSecrets
from hookline.domain.inbound.signed_content import parse
from hookline.domain.inbound.verification import (
    Basic,
    HeaderToken,
    Hmac,
    Preset,
    QueryToken,
    Replayable,
    Verification,
)
from hookline.errors import Unavailable
from hookline.ports_inbound import (
    Claim,
    Claimed,
    FunctionChanges,
    Held,
    InboundConfigurations,
    NothingToDo,
    ProviderChanges,
    ProviderVault,
    SeenSignatures,
)
from tests.builders import NOW, PRINCIPAL, TENANT, an_id
from tests.contract.tables import create_tables, table_name
from tests.engine.inbound import (
    InboundItems,
    InMemoryFunctionChanges,
    InMemoryInboundConfigurations,
    InMemoryMessages,
    InMemoryProviderChanges,
    InMemoryProviderVault,
    InMemorySeenSignatures,
)
from tests.inbound_builders import LAMBDA_ARN, a_call, a_function, a_message, a_provider

OTHER_TENANT = TenantId("globex")
CLAIM = Claim("run-1", NOW + timedelta(seconds=90))


class Time:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stores:
    configurations: InboundConfigurations
    providers: ProviderChanges
    functions: FunctionChanges
    vault: ProviderVault
    messages: DynamoMessages | InMemoryMessages
    signatures: SeenSignatures
    time: Time


@pytest.fixture(params=["memory", "dynamo"])
def stores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    time = Time()
    if request.param == "memory":
        items = InboundItems()
        yield Stores(
            InMemoryInboundConfigurations(items),
            InMemoryProviderChanges(items),
            InMemoryFunctionChanges(items),
            InMemoryProviderVault(),
            InMemoryMessages(time),
            InMemorySeenSignatures(),
            time,
        )
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = aws.client("dynamodb", validate=True)
        create_tables(client, "inbound-providers", "inbound-messages", "inbound-signatures")
        table = PynamoTable(table_name("inbound-providers"))
        kms = aws.client("kms", validate=True)
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        yield Stores(
            DynamoInboundConfigurations(client, table_name("inbound-providers")),
            DynamoProviderChanges(table),
            DynamoFunctionChanges(table),
            KmsProviderVault(Sealer(kms, key_id)),
            DynamoMessages(client, table_name("inbound-messages"), time),
            DynamoSeenSignatures(client, table_name("inbound-signatures")),
            time,
        )


# -- configuration ---------------------------------------------------------------------------------


def test_a_tenant_without_configuration_has_an_empty_one(stores: Stores) -> None:
    assert stores.configurations.load(TENANT) == Configuration()


@pytest.mark.parametrize(
    "verification",
    [
        Preset("stripe"),
        HeaderToken("x-gate"),
        QueryToken("key"),
        Basic("ci"),
        Hmac("sha512", "x-sig", "v2=", "base64", parse("{method}.{body}")),
        Hmac("sha1", "x-sig", "", "hex", parse("{timestamp:x-at}{body}"), timedelta(seconds=60)),
    ],
)
def test_a_provider_reads_back_as_it_was_added(stores: Stores, verification: Verification) -> None:
    provider = a_provider(
        verification=verification,
        match=MatchFunction(LAMBDA_ARN),
        description="all of it",
        active=False,
        sealed_secrets="c2VhbGVk",
        properties={"projects": [{"id": 1.5, "tags": []}], "none": None, "token": "*****"},
    )
    assert stores.providers.add(provider)
    assert stores.configurations.load(TENANT) == Configuration(providers=(provider,))
    assert stores.configurations.load(OTHER_TENANT) == Configuration()


def test_adding_a_provider_again_changes_nothing(stores: Stores) -> None:
    provider = a_provider()
    assert stores.providers.add(provider)
    assert stores.providers.add(provider)
    assert stores.configurations.load(TENANT).providers == (provider,)


def test_providers_stand_in_the_order_they_came_until_they_are_reordered(stores: Stores) -> None:
    made = [a_provider(name=name) for name in "abc"]
    for provider in made:
        assert stores.providers.add(provider)
    ids = [provider.id for provider in made]
    assert stores.configurations.load(TENANT).providers == tuple(made)
    turned = [ids[2], ids[0], ids[1]]
    assert stores.providers.reorder(TENANT, ids, turned)
    assert stores.providers.reorder(TENANT, ids, turned), "a repeat whose reply got lost"
    assert not stores.providers.reorder(TENANT, ids, ids[::-1])
    assert [each.id for each in stores.configurations.load(TENANT).providers] == turned


def test_a_tenant_has_as_many_providers_as_it_may_and_not_one_more(stores: Stores) -> None:
    for _ in range(MAX_PROVIDERS):
        assert stores.providers.add(a_provider())
    one_more = a_provider()
    assert not stores.providers.add(one_more)
    assert stores.configurations.load(TENANT).provider(one_more.id) is None
    assert stores.providers.add(a_provider(tenant=OTHER_TENANT))


def test_a_provider_changes_only_from_the_version_that_stands(stores: Stores) -> None:
    before = a_provider()
    stores.providers.add(before)
    after = replace(before, version=2, name="renamed", updated_at=NOW + timedelta(seconds=1))
    assert stores.providers.replace(before, after)
    assert stores.providers.replace(before, after), "a repeat whose reply got lost"
    late = replace(before, version=2, name="late", updated_at=NOW + timedelta(seconds=2))
    assert not stores.providers.replace(before, late)
    assert stores.configurations.load(TENANT).providers == (after,)


def test_a_removed_provider_leaves_the_sequence(stores: Stores) -> None:
    first, second = a_provider(), a_provider()
    stores.providers.add(first)
    stores.providers.add(second)
    assert not stores.providers.remove(replace(first, version=7))
    assert stores.providers.remove(first)
    assert stores.providers.remove(first), "a repeat whose reply got lost"
    assert stores.configurations.load(TENANT).providers == (second,)


@pytest.mark.parametrize(
    "action",
    [
        Publish({"type": "'git.push'", "data": {"ref": "message.payload.ref", "by": {"x": "`1`"}}}),
        Invoke(LAMBDA_ARN),
        Forward(WebhookId("wh_1")),
    ],
)
def test_a_function_reads_back_as_it_was_added(
    stores: Stores, action: Publish | Invoke | Forward
) -> None:
    provider = a_provider()
    stores.providers.add(provider)
    function = a_function(provider_id=provider.id, action=action, uri="a/b c/ü", active=False)
    assert stores.functions.add(function)
    assert stores.functions.add(function), "a repeat whose reply got lost"
    assert stores.configurations.load(TENANT).functions == (function,)


def test_a_function_needs_its_provider(stores: Stores) -> None:
    assert not stores.functions.add(a_function())
    assert stores.configurations.load(TENANT) == Configuration()


def test_a_function_changes_and_goes_only_from_the_version_that_stands(stores: Stores) -> None:
    provider = a_provider()
    stores.providers.add(provider)
    before = a_function(provider_id=provider.id)
    stores.functions.add(before)
    after = replace(before, version=2, uri="else", updated_at=NOW + timedelta(seconds=1))
    assert stores.functions.replace(before, after)
    assert not stores.functions.replace(before, replace(after, uri="late", updated_at=NOW))
    assert not stores.functions.remove(before)
    assert stores.functions.remove(after)
    assert stores.functions.remove(after), "a repeat whose reply got lost"
    assert not stores.functions.replace(after, replace(after, version=3))
    assert stores.configurations.load(TENANT).functions == ()


def test_secrets_open_for_their_provider_and_no_other(stores: Stores) -> None:
    mine, yours = ProviderId(an_id("prv")), ProviderId(an_id("prv"))
    secrets = ProviderSecrets("s3cr€t", {"token": {"deep": [1, None]}})
    sealed = stores.vault.seal(TENANT, mine, secrets)
    assert stores.vault.open(TENANT, mine, sealed) == secrets
    for tenant, provider in ((TENANT, yours), (OTHER_TENANT, mine)):
        with pytest.raises(Unavailable, match="InvalidCiphertext"):
            stores.vault.open(tenant, provider, sealed)


# -- messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"\xff\x00\xfe", b"a" * 16_385, b"\xff" * 262_144, "ü".encode() * 131_072]
)
def test_a_message_reads_back_byte_for_byte(stores: Stores, body: bytes) -> None:
    message = a_message(
        call=a_call(body=body, query={"a": ("1", "2"), "": ("",)}, headers={"x-y": "z, z"}),
        sync=True,
        resubmit_of=MessageId(an_id("msg")),
        resubmitted_by=PRINCIPAL,
    )
    stores.messages.put(message)
    assert stores.messages.get(TENANT, message.id) == message
    assert stores.messages.get(OTHER_TENANT, message.id) is None


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
        TENANT, 10, status=Progress.SUCCESS, provider=ProviderId("prv_1"), uri="a"
    )
    assert [each.id for each in found] == [wanted.id]
    assert len(stores.messages.page(TENANT, 10, uri="a")[0]) == 3


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
    assert list(found) == wanted


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
