"""Paths find their endpoints, whichever group they were loaded with."""

from __future__ import annotations

import re

import pytest

from hookline.problems import MethodNotAllowed, UnknownPath
from hookline_api.http.app import Api, Router
from hookline_api.http.endpoint import PUBLIC_PATHS
from tests.worlds.client import Client


@pytest.fixture
def router(api: Api) -> Router:
    return api._router


def test_every_endpoint_is_found_by_its_own_path(api: Api, router: Router) -> None:
    assert len(api.endpoints) > 60
    for endpoint in api.endpoints:
        path = re.sub(r"<(\w+)>", r"\1-x", endpoint.path)
        found, parameters = router.find(endpoint.method, path)
        assert found is endpoint, endpoint.name
        assert set(parameters) == set(re.findall(r"<(\w+)>", endpoint.path))


def test_every_public_path_is_an_endpoints(api: Api) -> None:
    assert {each.path for each in api.endpoints if each.public} == PUBLIC_PATHS


def test_a_parameter_is_decoded_and_holds_no_slash(router: Router) -> None:
    _, parameters = router.find("GET", "/v1/tenants/a%20b/events/c%2Fd")
    assert parameters == {"tenant": "a b", "event": "c/d"}
    with pytest.raises(UnknownPath):
        router.find("GET", "/v1/tenants/a/events/c/d")
    with pytest.raises(UnknownPath):
        router.find("GET", "/v1/tenants//events")


def test_what_is_spelled_out_goes_before_what_is_a_parameter(router: Router) -> None:
    endpoint, _ = router.find("POST", "/v1/tenants/a/inbound/providers/reorder")
    assert endpoint.name == "reorder_inbound_providers"
    endpoint, _ = router.find("GET", "/v1/tenants/a/events/dry-run")
    assert endpoint.name == "get_event"


def test_a_method_that_no_group_has_names_those_of_all_groups(router: Router) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        router.find("PUT", "/v1/tenants/a/events")
    assert refused.value.allowed == "GET, HEAD, POST"


def test_every_route_refuses_unknown_query_parameters_by_name(api: Api, client: Client) -> None:
    for endpoint in api.endpoints:
        path = re.sub(r"<(\w+)>", r"\1-x", endpoint.path.replace("<tenant>", client.tenant))
        reply = client(endpoint.method, path, query={"stauts": "failed", "limt": "1"})
        assert (reply.status, reply.fields) == (422, ["stauts", "limt"]), endpoint.name
        assert {each["message"] for each in reply.json["errors"]} == {"is not a known field"}


def test_every_list_takes_a_limit_and_a_cursor(api: Api) -> None:
    lists = [each for each in api.endpoints if each.name.startswith("list_")]
    assert len(lists) > 10
    for endpoint in lists:
        assert endpoint.query is not None
        assert {"limit", "cursor"} <= set(endpoint.query.fields), endpoint.name
