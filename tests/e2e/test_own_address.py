"""What is published by the api function's own address, past the gateway, arrives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local.aws import session
from local.options import STACK
from tests.e2e.api import Api
from tests.e2e.stack import Stack
from tests.e2e.tenant import Tenant


@pytest.fixture
def own(stack: Stack, tenant: Tenant) -> Api:
    """The tenant's admin at the output's address, as the emulator serves it: by a path."""
    cloudformation = session().client("cloudformation", endpoint_url=stack.aws_endpoint)
    (described,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    if "ApiOwnUrl" not in outputs:
        pytest.skip("the stack that is up was not started with ApiFunctionUrl=true")
    url_id = outputs["ApiOwnUrl"].removeprefix("https://").partition(".")[0]
    return replace(tenant.api, base=f"{stack.aws_endpoint}/_aws/lambda-url/{url_id}")


def test_an_event_that_is_published_there_is_delivered(tenant: Tenant, own: Api) -> None:
    hook = tenant.hook()
    event = own.post("/events", {"type": "order.paid", "data": {"name": "Äpfel"}})["id"]
    delivered = hook.delivered(event)
    assert own.get(f"{hook.at}/deliveries/{delivered['id']}") == tenant.api.get(
        f"{hook.at}/deliveries/{delivered['id']}"
    )
    assert own.get(f"/events/{event}")["data"] == {"name": "Äpfel"}


def test_nobody_is_let_in_there_without_a_key(own: Api) -> None:
    assert own.with_key(None)("POST", "/events", {"type": "order.paid"}).status == 401
    assert own.with_key(None)("GET", "/v1/health").status == 200


def test_what_is_not_the_apis_is_not_there(own: Api) -> None:
    assert {own("GET", path).status for path in ("/v1/docs", "/v1/console")} == {404}
