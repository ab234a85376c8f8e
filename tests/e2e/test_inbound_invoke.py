"""The user's own Lambda functions, invoked by the deployed system: those it may, and no other."""

from __future__ import annotations

import pytest

from tests.e2e.inbound import call, ended, function, provider
from tests.e2e.stack import Stack
from tests.e2e.tenant import Tenant
from tests.e2e.user_functions import (
    ALLOWED_ARN,
    FORBIDDEN_ARN,
    create_users_functions,
    invoked_under_the_role_of,
    may_invoke,
)

INVOKES = {"type": "invoke", "function_arn": ALLOWED_ARN}
OF_THE_WEB_TEAM = {"match": {"function_arn": ALLOWED_ARN}, "properties": {"site": "acme.example"}}


@pytest.fixture(scope="module", autouse=True)
def _users_functions(stack: Stack) -> None:
    if not may_invoke(stack):
        pytest.skip(f"the stack that is up was not started with InvokeFunctionArns={ALLOWED_ARN}")
    create_users_functions(stack)


def test_a_users_functions_match_and_act_and_what_they_say_is_kept(tenant: Tenant) -> None:
    web = provider(tenant, "by function", **OF_THE_WEB_TEAM)
    function(tenant, web, "git/push", INVOKES)
    reply = call(tenant, "git/push?projectId=123", {"X-Team": "web"})
    assert reply.status == 202
    message = ended(tenant, reply)
    assert (message["status"], message["provider_id"]) == ("success", web)
    (execution,) = message["executions"]
    assert execution["message"] == "acme.example from refs/heads/main"
    assert execution["logs"] == "as of 123"

    other = ended(tenant, call(tenant, "git/push", {"X-Team": "mobile"}))
    assert other["passed_over"] == [
        {"provider_id": web, "reason": "the match function said no: not of the web team"}
    ]


def test_a_users_function_that_raises_fails_a_synchronous_call_with_its_error(
    tenant: Tenant,
) -> None:
    anybody = provider(tenant, properties={"site": "acme.example"})
    function(tenant, anybody, "git/push", INVOKES)
    done = call(tenant, "git/push?projectId=1", {"X-Hookline-Sync": "true"})
    assert (done.status, done.body["status"]) == (200, "success")
    failed = call(tenant, "git/push", {"X-Hookline-Sync": "true"}, b"not JSON")
    assert failed.status == 500
    (execution,) = tenant.api.get(f"/inbound/messages/{failed.body['id']}")["executions"]
    assert (execution["status"], execution["message"]) == ("failed", "no payload")


def test_a_function_that_the_stack_does_not_name_is_refused_when_it_is_saved(
    tenant: Tenant,
) -> None:
    anybody = provider(tenant)
    forbidden = {"type": "invoke", "function_arn": FORBIDDEN_ARN}
    document = {"name": "x", "provider_id": anybody, "uri": "x", "action": forbidden}
    acting = tenant.api("POST", "/inbound/functions", document)
    assert (acting.status, acting.fields) == (422, {"action.function_arn"})
    matching = tenant.api("PATCH", f"/inbound/providers/{anybody}", {"match": forbidden})
    assert matching.status == 422
    assert "match.function_arn" in matching.fields
    assert tenant.api.get("/inbound/functions")["items"] == []


@pytest.mark.parametrize("own", ["inbound", "inbound-worker"])
def test_iam_refuses_our_own_functions_what_the_stack_does_not_name(stack: Stack, own: str) -> None:
    name = f"hookline-local-{own}"
    assert invoked_under_the_role_of(stack, name, ALLOWED_ARN) == "invoked"
    assert invoked_under_the_role_of(stack, name, FORBIDDEN_ARN) == "AccessDeniedException"
