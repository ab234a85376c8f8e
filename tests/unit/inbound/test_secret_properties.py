"""What an edit makes of properties that are masked as a whole, for a secret inside them."""

from __future__ import annotations

import pytest

from hookline.errors import Rejected
from tests.builders import TENANT
from tests.engine.inbound_stack import BY, Stack
from tests.inbound_builders import a_call

STORED: dict[str, object] = {"url": "https://a.example", "login": {"user": "u", "password": "p"}}


def properties_after(patch: dict[str, object]) -> object:
    """What a function of the provider is told after the edit."""
    stack = Stack()
    provider = stack.a_provider(properties=STORED)
    event = {"type": "'told'", "data": "properties"}
    stack.a_function(provider, action={"type": "publish", "event": event})
    stack.providers.patch(TENANT, provider, {"properties": patch}, BY)
    stack.received(a_call())
    (published,) = stack.events.accepted.values()
    return published.data


@pytest.mark.parametrize(
    ("patch", "login"),
    [
        ({"login": "*****"}, {"user": "u", "password": "p"}),
        ({"login": {"user": "v"}}, {"user": "v", "password": "p"}),
        ({"login": {"user": "v", "password": "*****"}}, {"user": "v", "password": "p"}),
        ({"login": {"password": "q"}}, {"user": "u", "password": "q"}),
        ({"login": {"password": None}}, {"user": "u"}),
        (
            {"login": {"more": {"token": "t"}}},
            {"user": "u", "password": "p", "more": {"token": "t"}},
        ),
    ],
)
def test_a_patch_merges_into_a_masked_property(patch: dict[str, object], login: object) -> None:
    assert properties_after(patch) == STORED | {"login": login}


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"login": {"token": "*****"}}, "properties.login.token"),
        ({"login": [{"password": "*****"}]}, "properties.login.0.password"),
        ({"url": {"password": "*****"}}, "properties.url.password"),
    ],
)
def test_a_mask_with_nothing_under_it_is_refused_wherever_it_stands(
    patch: dict[str, object], field: str
) -> None:
    with pytest.raises(Rejected) as rejected:
        properties_after(patch)
    assert [error.field for error in rejected.value.errors] == [field]


def test_a_new_provider_has_nothing_to_keep() -> None:
    with pytest.raises(Rejected) as rejected:
        Stack().a_provider(properties={"login": {"password": "*****"}})
    assert [error.field for error in rejected.value.errors] == ["properties.login.password"]
