"""Calls that nobody is there to take: what they are answered, and that none is lost by them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hookline.domain.ids import MessageId, TenantId
from tests.functions.inbound.conftest import World, example
from tests.worlds.client import Client


def answer_of(world: World, tenant: str, **headers: str) -> dict[str, Any]:
    event = example("github", tenant)
    return world.call(event | {"headers": event["headers"] | headers})


def a_call(world: World, tenant: str) -> tuple[int, dict[str, Any]]:
    answer = answer_of(world, tenant)
    return answer["statusCode"], json.loads(answer["body"])


def takes_all(client: Client) -> None:
    client.made(
        "/inbound/providers",
        {"name": "all", "match": {"expression": "`true`"}, "verify": {"type": "none"}},
    )


def kept(world: World, tenant: str, answer: tuple[int, dict[str, Any]]) -> bool:
    status, body = answer
    assert (status, body["status"]) == (202, "pending")
    return world.messages.get(TenantId(tenant), MessageId(body["id"])) is not None


def test_a_tenant_made_right_after_a_call_to_its_name_loses_none_of_its_messages(
    world: World,
) -> None:
    name = f"{world.tenant}-later"
    assert a_call(world, name)[0] == 202
    takes_all(world.stack.client(name))
    assert kept(world, name, a_call(world, name))


def test_a_provider_made_right_after_a_call_takes_the_next_one(world: World) -> None:
    assert a_call(world, world.tenant)[0] == 202
    takes_all(world.client)
    assert kept(world, world.tenant, a_call(world, world.tenant))


@pytest.mark.parametrize(("headers", "status"), [({}, 202), ({"flex-sync-webhook": "true"}, 404)])
def test_an_unknown_tenant_is_answered_as_one_without_a_provider_and_no_message_is_named(
    world: World, headers: dict[str, str], status: int
) -> None:
    answer = answer_of(world, world.tenant, **headers)
    assert answer == answer_of(world, "nobody-at-all", **headers)
    assert answer["statusCode"] == status
    nothing = {"id": None, "status": "failed", "outcome": "no_provider"}
    assert json.loads(answer["body"]) == nothing
    assert world.stored() == []
