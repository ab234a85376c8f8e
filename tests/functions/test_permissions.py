"""Roles and code agree: nothing is asked for that a role lacks, and no role has what nobody asks.

That nothing is lacking, every test over a `Stack` checks with whatever it does; that nothing is too
much, a whole run at its end (`conftest.py`).
"""

from __future__ import annotations

import pytest

from tests.worlds.permissions import ON_THE_DEPLOYED_STACK, Denied, granted, never_used
from tests.worlds.resources import table_name
from tests.worlds.stack import SETTINGS, a_stack


def test_a_principal_with_a_right_on_a_webhook_goes_and_so_does_its_tenant() -> None:
    with a_stack() as stack:
        client = stack.acme
        principal, key = client.a_principal(level="read")
        webhook = client.a_webhook()["id"]
        client.put(f"/webhooks/{webhook}/rights/{principal}", {"level": "write"})
        assert client("DELETE", f"/principals/{principal}").status == 204
        assert client.with_key(key)("GET", "/webhooks").status == 401
        other, _ = client.a_principal()
        client.put(f"/webhooks/{webhook}/rights/{other}", {"level": "write"})
        assert client("DELETE", f"/webhooks/{webhook}").status == 204
        assert client("DELETE", "/v1/tenants/acme").status == 204


def test_a_function_that_asks_for_more_than_its_role_allows_is_stopped() -> None:
    key = {"event": {"S": "acme#e"}}
    with (
        a_stack() as stack,
        stack.iam.acting("InboundFunction"),
        pytest.raises(Denied, match=r"dynamodb:DeleteItem.*EventsTable"),
    ):
        stack.dynamodb.delete_item(TableName=table_name("events"), Key=key)


def test_what_a_role_allows_and_nobody_asks_for_is_found() -> None:
    found = never_used({"InboundFunction": set()})
    assert ("InboundFunction", ("dynamodb:Query", "InboundProvidersTable")) in found
    assert not never_used({name: set(granted(name)) for name in SETTINGS})


def test_what_is_asked_for_on_the_deployed_stack_alone_is_allowed_there() -> None:
    for function, permissions in ON_THE_DEPLOYED_STACK.items():
        assert set(permissions) <= granted(function)
