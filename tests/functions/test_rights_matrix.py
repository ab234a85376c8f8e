"""Every route of the OpenAPI document by every kind of caller: the whole matrix of rights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from hookline.domain.identity import api_keys
from tests.builders import an_id
from tests.functions.rights_cases import FRESH, QUERIES, body_for, ids_for, unknown_ids
from tests.functions.rights_table import CALLERS, Line, lines, page
from tests.functions.rights_world import OTHER, OWN, UNKNOWN, Ids, RightsWorld
from tests.worlds.client import ROOT_KEY, Reply
from tests.worlds.stack import a_stack

pytestmark = pytest.mark.slow  # thousands of requests, each cell with things of its own

PUBLIC = {"get_health", "get_openapi_document"}
# What makes nothing new comes first: moto answers the slower the more it holds.
LINES = sorted(lines(), key=lambda line: line.name in FRESH)
PLAIN = [line for line in LINES if not line.special]
OF_NO_TENANT = {"get_me", "get_operations", "list_tenants", "create_tenant"}
IN_A_TENANT = [line for line in PLAIN if line.operation not in OF_NO_TENANT]
WITHOUT_IDS = re.compile(
    r"(get|patch|delete)_tenant|get_tenant_stats|list_(principals|event_types|webhooks|tenant_deliveries|events)|list_inbound_.*"
    r"|create_(principal|webhook|inbound_.*)|reorder_inbound_providers|resubmit_inbound_messages|publish_event|publish_batch|dry_run_event|preview_template"
    # creates what its path names: no id is unknown to it
    r"|put_event_type"
)
WITH_IDS = [line for line in IN_A_TENANT if not WITHOUT_IDS.fullmatch(line.operation)]


def by_name(line: Line) -> str:
    return line.name


@pytest.fixture(scope="module")
def world() -> Iterator[RightsWorld]:
    with a_stack() as stack:
        yield RightsWorld(stack)


@pytest.fixture(scope="module")
def operations(world: RightsWorld) -> Mapping[str, tuple[str, str]]:
    """Method and path of every operation in the OpenAPI document."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in world.stack.api.document()["paths"].items()
        for method, operation in methods.items()
    }


class Ask:
    """Sends the request behind a line."""

    def __init__(self, world: RightsWorld, operations: Mapping[str, tuple[str, str]]) -> None:
        self.world = world
        self._operations = operations

    def path(self, line: Line, ids: Ids) -> str:
        _, path = self._operations[line.operation]
        return re.sub(r"{(\w+)}", lambda match: ids[match[1]], path)

    def has_ids(self, line: Line) -> bool:
        return self._operations[line.operation][1].count("{") > 1

    def __call__(self, line: Line, ids: Ids, *, key: str | None) -> Reply:
        method, _ = self._operations[line.operation]
        body = body_for(self.world, line.name, ids["tenant"])
        query = QUERIES.get(line.name)
        return self.world.root.with_key(key)(method, self.path(line, ids), body, query=query)


@pytest.fixture(scope="module")
def ask(world: RightsWorld, operations: Mapping[str, tuple[str, str]]) -> Ask:
    return Ask(world, operations)


def test_every_operation_has_a_line(operations: Mapping[str, tuple[str, str]]) -> None:
    asking = {name for name, (_, path) in operations.items() if path.startswith("/v1/")}
    assert {line.operation for line in LINES} - PUBLIC == asking - PUBLIC


def test_the_page_is_rendered_from_the_table() -> None:
    written = (Path(__file__).parents[2] / "docs" / "rights.md").read_text()
    assert written == page(), "run: python -m tests.functions.rights_table > docs/rights.md"


@pytest.mark.parametrize("line", LINES, ids=by_name)
def test_each_caller_gets_the_status_of_its_cell(line: Line, world: RightsWorld, ask: Ask) -> None:
    got = {
        caller: ask(line, ids_for(world, line.name, OWN), key=world.keys[caller]).status
        for caller in CALLERS
        if not (line.operation == "delete_tenant" and caller != "global")
    }
    if line.operation == "delete_tenant":
        # A new tenant is invisible to them: they ask for their own, which stays as it is.
        got |= {
            caller: ask(line, world.ids[OWN], key=world.keys[caller]).status
            for caller in CALLERS
            if caller != "global"
        }
    assert got == line.statuses


@pytest.mark.parametrize("line", PLAIN, ids=by_name)
def test_the_root_key_may_do_what_a_global_admin_may(
    line: Line, world: RightsWorld, ask: Ask
) -> None:
    reply = ask(line, ids_for(world, line.name, OWN), key=ROOT_KEY)
    assert reply.status == line.statuses["global"]


@pytest.fixture(scope="module")
def bad_keys(world: RightsWorld) -> Mapping[str, str | None]:
    """Keys of what would be a global admin, if they were good."""
    root = world.root
    principals = f"/v1/tenants/{OWN}/principals"

    def boss() -> str:
        made: str = root.made(principals, {"name": "x", "global_admin": True})["id"]
        return made

    owner, soon = boss(), boss()
    revoked = root.made(f"{principals}/{owner}/keys")
    gone = f"{principals}/{owner}/keys/{revoked['id']}"
    assert root("DELETE", gone).status == 204
    later = (world.stack.clock() + timedelta(hours=1)).isoformat()
    expired = root.made(f"{principals}/{soon}/keys", {"expires_at": later})
    world.stack.clock.advance(timedelta(hours=1))
    good = world.keys["global"]
    return {
        "none": None,
        "unknown": api_keys.issue(an_id("key"), bytes(32)),
        "wrong secret": api_keys.issue(good.rpartition("_")[0].removeprefix("hl_"), bytes(32)),
        "wrong checksum": good[:-1] + ("a" if good[-1] != "a" else "b"),
        "expired": expired["key"],
        "revoked": revoked["key"],
        "wrong root": "hl_root_guessed",
        "a token": "eyJhbGciOiJub25lIn0.eyJob29rbGluZV90ZW5hbnQiOiJhY21lIn0.",
    }


@pytest.mark.parametrize("line", PLAIN, ids=by_name)
def test_without_a_valid_key_every_route_answers_401_in_the_same_words(
    line: Line, world: RightsWorld, ask: Ask, bad_keys: Mapping[str, str | None]
) -> None:
    for ids in (world.ids[OWN], {**world.ids[OWN], "tenant": UNKNOWN}):
        replies = [ask(line, {**unknown_ids(), **ids}, key=key) for key in bad_keys.values()]
        assert {reply.status for reply in replies} == {401}
        assert len({reply.without_request_id() for reply in replies}) == 1
        assert {reply.headers["WWW-Authenticate"] for reply in replies} == {
            'Bearer realm="hookline"'
        }


@pytest.mark.parametrize("line", IN_A_TENANT, ids=by_name)
def test_every_other_tenant_answers_404_whether_it_exists_or_not(
    line: Line, world: RightsWorld, ask: Ask
) -> None:
    theirs = {**unknown_ids(), **world.ids[OTHER]}
    replies = [
        ask(line, ids, key=key)
        for caller, key in world.keys.items()
        if caller not in {"global", "foreign"}
        for ids in (theirs, {**theirs, "tenant": UNKNOWN}, {**theirs, "tenant": "No-Such_Id"})
    ]
    assert {reply.status for reply in replies} == {404}
    assert len({reply.without_request_id() for reply in replies}) == 1


@pytest.mark.parametrize("line", IN_A_TENANT, ids=by_name)
def test_a_global_admin_acts_in_every_tenant_there_is(
    line: Line, world: RightsWorld, ask: Ask
) -> None:
    ids = ids_for(world, line.name, OTHER)
    key = world.keys["global"]
    assert ask(line, ids, key=key).status == line.statuses["global"]
    assert ask(line, {**unknown_ids(), **ids, "tenant": UNKNOWN}, key=key).status == 404


@pytest.mark.parametrize("line", WITH_IDS, ids=by_name)
def test_an_id_of_another_tenant_answers_as_one_that_does_not_exist(
    line: Line, world: RightsWorld, ask: Ask
) -> None:
    assert ask.has_ids(line)
    foreign = ids_for(world, line.name, OTHER)
    for caller in ("global", "t-admin"):
        key = world.keys[caller]
        replies = [
            ask(line, {**foreign, "tenant": OWN}, key=key),
            ask(line, {**unknown_ids(), "tenant": OWN}, key=key),
        ]
        assert [reply.status for reply in replies] == [404, 404]
        assert replies[0].without_request_id() == replies[1].without_request_id()


def test_the_things_of_another_tenant_are_untouched_by_all_of_this(world: RightsWorld) -> None:
    ids, root = world.ids[OTHER], world.root
    for path in (
        f"webhooks/{ids['webhook']}",
        f"webhooks/{ids['webhook']}/deliveries/{ids['delivery']}",
        f"events/{ids['event']}",
        f"principals/{ids['principal']}",
    ):
        found = root("GET", f"/v1/tenants/{OTHER}/{path}")
        assert found.status == 200, path
