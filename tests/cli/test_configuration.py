"""apply and export: idempotent, by name, without secrets; what drifted is shown and mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hookline_cli.errors import Exit
from hookline_cli.values import parsed
from tests.cli.conftest import Ended, Terminal

FILE = """
event_types:
  - type: order.paid
    description: An order was paid
    example: {total: "12.50", on: 2026-11-22T12:00:00Z}
    schema: {type: object, required: [total]}
webhooks:
  - name: warehouse
    url: https://warehouse.example/hooks
    events: [order.*]
    headers: {X-Team: warehouse, X-Api-Key: {env: WAREHOUSE_KEY}}
    auth: {type: basic, username: u, password: {env: WAREHOUSE_PASSWORD}}
    retry: {max_attempts: 5}
    signatures: [standard, hmac-sha256]
  - name: sink
    url: https://sink.example
    events: [git.push]
    method: PUT
    filter: data.total > `10`
    rate_limit: {per_second: 5}
providers:
  - name: GitHub
    match: {expression: 'headers."x-github-event"'}
    verify: {type: github, secret: {env: GITHUB_SECRET}}
    properties: {environment: production, nested: {a: 1}, token: {env: GITHUB_TOKEN}}
  - name: anybody
    match: {expression: '`true`'}
    verify: {type: none}
    respond: {status: 204}
functions:
  - name: announce
    provider: GitHub
    uri: git/push
    action: {type: publish, event: {type: "'git.push'", data: message.payload}}
  - name: pass on
    provider: anybody
    uri: "**"
    action: {type: forward, webhook: sink}
"""
SECRETS = {
    "WAREHOUSE_KEY": "warehouse-key-1",
    "WAREHOUSE_PASSWORD": "warehouse-password-1",
    "GITHUB_SECRET": "github-secret-1",
    "GITHUB_TOKEN": "github-token-1",
}


@pytest.fixture
def applied(terminal: Terminal) -> Terminal:
    """A tenant that is as the file says."""
    terminal.environ |= SECRETS
    assert "7 to create" in apply(terminal).out
    return terminal


def apply(terminal: Terminal, *options: str, file: str = FILE) -> Ended:
    return terminal("apply", "-f", "-", "--yes", *options, given=file)


def changed(path: str, value: object, file: str = FILE) -> str:
    """The file with one field otherwise; ``path`` is `kind.name.field`."""
    document: Any = parsed(file)
    kind, name, field = path.split(".")
    thing = next(each for each in document[kind] if name in (each.get("name"), each.get("type")))
    thing[field] = value
    return yaml.safe_dump(document)


def test_applying_twice_changes_nothing_and_needs_no_secret(applied: Terminal) -> None:
    before = versions(applied)
    for name in SECRETS:
        del applied.environ[name]
    again = apply(applied)
    assert (again.code, again.out) == (Exit.DONE, "Nothing to do: all is as the file says.\n")
    assert apply(applied, "--dry-run", "--json").json == []
    assert versions(applied) == before


def test_all_of_it_is_there_and_signs_with_what_the_variables_held(applied: Terminal) -> None:
    acme = applied.stack.acme
    hooks = {each["name"]: each for each in acme("GET", "/webhooks").json["items"]}
    assert hooks["warehouse"]["retry"]["max_attempts"] == 5
    assert hooks["sink"]["rate_limit"] == {"per_second": 5}
    functions = {each["name"]: each for each in acme("GET", "/inbound/functions").json["items"]}
    assert functions["pass on"]["action"]["webhook_id"] == hooks["sink"]["id"]
    assert acme("GET", "/event-types/order.paid").json["example"]["on"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(
    ("kind", "path", "drift"),
    [
        ("webhooks", "warehouse", {"timeout_seconds": 3, "events": ["x"]}),
        ("webhooks", "warehouse", {"retry": {"max_attempts": 9}}),
        ("webhooks", "warehouse", {"headers": {"X-Extra": "1"}}),
        ("webhooks", "warehouse", {"headers": {"X-Api-Key": None}}),
        ("webhooks", "sink", {"rate_limit": None, "enabled": False}),
        ("providers", "GitHub", {"properties": {"environment": "test"}}),
        ("providers", "GitHub", {"properties": {"nested": {"more": 1}}}),
        ("functions", "announce", {"uri": "git/pull"}),
    ],
)
def test_what_was_changed_by_hand_is_shown_and_mended(
    applied: Terminal, kind: str, path: str, drift: dict[str, Any]
) -> None:
    file = changed("webhooks.warehouse.timeout_seconds", 20)
    file = changed("webhooks.sink.enabled", True, file)
    assert apply(applied, file=file).code == Exit.DONE
    by_hand(applied, kind, path, drift)
    shown = apply(applied, "--dry-run", file=file)
    assert shown.code == Exit.DRIFT
    for field in drift:
        assert f"    {field}" in shown.out
    assert apply(applied, file=file).code == Exit.DONE
    assert "Nothing to do" in apply(applied, "--dry-run", file=file).out


def test_a_drift_is_told_field_by_field_and_no_secret_with_it(applied: Terminal) -> None:
    by_hand(applied, "webhooks", "warehouse", {"method": "PATCH"})
    moved = changed("webhooks.warehouse.url", "https://other.example/hooks")
    moved = changed("webhooks.warehouse.method", "POST", moved)
    ended = apply(applied, "--dry-run", file=moved)
    assert "    method: PATCH -> POST" in ended.out
    assert "url: https://warehouse.example/hooks -> https://other.example/hooks" in ended.out
    # The API asks for secrets again once calls go to another origin.
    assert "auth.password: ***** -> $WAREHOUSE_PASSWORD" in ended.out
    assert apply(applied, file=moved).code == Exit.DONE
    for secret in SECRETS.values():
        assert secret not in ended.out + ended.err


def test_secrets_are_sent_again_when_that_is_asked_for(applied: Terminal) -> None:
    before = versions(applied)
    assert apply(applied, "--secrets").code == Exit.DONE
    assert versions(applied) != before
    del applied.environ["WAREHOUSE_KEY"]
    missing = apply(applied, "--secrets")
    assert missing.code == Exit.USAGE
    assert "WAREHOUSE_KEY" in missing.err


def test_what_is_exported_applies_to_nothing_and_holds_no_secret(applied: Terminal) -> None:
    exported = applied.done("export").out
    for secret in SECRETS.values():
        assert secret not in exported
    assert "whsec_" not in exported
    assert "*****" not in exported
    assert "Nothing to do" in apply(applied, "--dry-run", file=exported).out


def test_what_is_exported_makes_another_tenant_the_same(applied: Terminal) -> None:
    exported = applied.done("export").out
    applied.stack.client("twin")
    applied.environ |= {"HOOKLINE_TENANT": "twin"}
    needed = apply(applied, file=exported)
    assert needed.code == Exit.USAGE
    names = needed.err.partition("not set: ")[2].strip().split(", ")
    applied.environ |= {name: f"of-the-twin-{name}" for name in names}
    assert apply(applied, file=exported).code == Exit.DONE
    assert applied.done("export").out == exported


def test_each_secret_is_exported_under_a_variable_of_its_own(terminal: Terminal) -> None:
    """Two names that differ in their signs alone gave one variable: one's token went to both."""
    for name in ("a b", "a-b", "склад", "倉庫", "2nd"):
        terminal.stack.acme.a_webhook(name=name, auth={"type": "bearer", "token": "secret"})
    hooks = terminal.done("export", "--json").json["webhooks"]
    variables = [hook["auth"]["token"]["env"] for hook in hooks]
    assert variables == [
        "_2ND_AUTH_TOKEN",
        "A_B_AUTH_TOKEN",
        "A_B_AUTH_TOKEN_2",
        "AUTH_TOKEN",
        "AUTH_TOKEN_2",
    ]


def test_what_the_file_does_not_name_stays_unless_it_is_pruned(applied: Terminal) -> None:
    document = parsed(FILE)
    document["functions"] = document["functions"][:1]
    document["webhooks"] = document["webhooks"][:1]
    file = yaml.safe_dump(document)
    assert "Nothing to do" in apply(applied, "--dry-run", file=file).out
    pruned = apply(applied, "--prune", file=file)
    assert pruned.code == Exit.DONE
    assert "- functions pass on" in pruned.out
    names = [each["name"] for each in applied.stack.acme("GET", "/webhooks").json["items"]]
    assert names == ["warehouse"]


def test_providers_are_put_into_the_order_of_the_file(applied: Terminal) -> None:
    document = parsed(FILE)
    document["providers"].reverse()
    file = yaml.safe_dump(document)
    assert apply(applied, "--dry-run", file=file).code == Exit.DRIFT
    assert apply(applied, file=file).code == Exit.DONE
    items = applied.stack.acme("GET", "/inbound/providers").json["items"]
    assert [each["name"] for each in items] == ["anybody", "GitHub"]
    assert "Nothing to do" in apply(applied, "--dry-run", file=file).out


def test_what_is_refused_is_said_and_stops_nothing_else(terminal: Terminal) -> None:
    terminal.environ |= SECRETS
    ended = apply(terminal, file=changed("webhooks.warehouse.url", "https://127.0.0.256/x"))
    assert ended.code == Exit.NO
    assert "hookline: webhooks warehouse: invalid: url: " in ended.err
    assert [each["name"] for each in terminal.stack.acme("GET", "/webhooks").json["items"]] == [
        "sink"
    ]
    assert "1 to create" in apply(terminal, "--dry-run").out


@pytest.mark.parametrize(
    "file",
    [
        "webhook: []",
        "webhooks: {a: b}",
        "webhooks: [{url: 'https://a.example'}]",
        "webhooks: [{name: a, ulr: x}]",
        "webhooks: [{name: a}, {name: a}]",
        "webhooks: [",
        "- x",
    ],
)
def test_a_file_that_cannot_be_meant_changes_nothing(terminal: Terminal, file: str) -> None:
    ended = apply(terminal, file=file)
    assert ended.code == Exit.USAGE
    assert len(ended.err.splitlines()) == 1


def test_nothing_is_done_without_a_yes(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "hooks.yaml").write_text(FILE)
    terminal.environ |= SECRETS
    ended = terminal("apply", "-f", str(tmp_path / "hooks.yaml"), given="n\n")
    assert ended.code == Exit.INTERRUPTED
    assert terminal.stack.acme("GET", "/webhooks").json["items"] == []


def by_hand(terminal: Terminal, kind: str, name: str, drift: dict[str, Any]) -> None:
    path = {"webhooks": "/webhooks"}.get(kind, f"/inbound/{kind}")
    items = terminal.stack.acme("GET", path).json["items"]
    (found,) = (each for each in items if each["name"] == name)
    reply = terminal.stack.acme("PATCH", f"{path}/{found['id']}", drift)
    assert reply.status == 200, reply.text


def versions(terminal: Terminal) -> list[tuple[str, int]]:
    paths = ("/webhooks", "/inbound/providers", "/inbound/functions")
    items = [each for path in paths for each in terminal.stack.acme("GET", path).json["items"]]
    return [(each["id"], each["version"]) for each in items]
