"""The port `Leases`."""

from __future__ import annotations

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.dynamo.event.leases import DynamoLeases
from hookline.ports.rounds import Leases
from tests.builders import MINUTE, NOW
from tests.engine.rounds import InMemoryLeases
from tests.worlds.resources import create_tables, table_name


@pytest.fixture(params=["aws", "memory"])
def leases(request: pytest.FixtureRequest, aws_environment: None) -> Leases:
    if request.param == "memory":
        return InMemoryLeases()
    client = Clients(validate=True).dynamodb()
    create_tables(client)
    return DynamoLeases(client, table_name("schedule"))


def test_a_lease_is_its_holders_until_it_is_over(leases: Leases) -> None:
    assert leases.take("release#0#8", "one", NOW, NOW + MINUTE)
    assert not leases.take("release#0#8", "two", NOW, NOW + MINUTE)
    assert leases.take("release#1#8", "two", NOW, NOW + MINUTE)
    assert leases.take("release#0#8", "one", NOW, NOW + MINUTE), "its reply may have got lost"
    assert leases.take("release#0#8", "two", NOW + MINUTE, NOW + 2 * MINUTE)


def test_what_is_given_back_another_may_take_at_once(leases: Leases) -> None:
    leases.take("sweep#0#8", "one", NOW, NOW + MINUTE)
    leases.give_back("sweep#0#8", "two", NOW)
    assert not leases.take("sweep#0#8", "two", NOW, NOW + MINUTE)
    leases.give_back("sweep#0#8", "one", NOW)
    assert leases.take("sweep#0#8", "two", NOW, NOW + MINUTE)
