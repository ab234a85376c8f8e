"""Izanami's rows: feature flags out, one test a row."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hookline.domain.times import from_iso
from tests.e2e.api import Api
from tests.e2e.crash import killing_the_sender
from tests.e2e.tenant import Hook, Tenant, planned_waits
from tests.e2e.waiting import eventually
from tests.published import published

CATALOGUE = Path(__file__).resolve().parents[2] / "catalogue"
IZANAMI_BODY = """{"_id": "{{_id}}", "type": "{{type}}", "id": {{#json}}id{{/json}},
 "metadata": {{#json}}metadata{{/json}}, "payload": {{#json}}payload{{/json}}}"""
FEATURE = "6fb40214"
OFF = {"enabled": False, "resultType": "boolean", "conditions": []}
ON = OFF | {"enabled": True}

PAGE = (CATALOGUE.parent / "docs" / "moving.md").read_text(encoding="utf-8")
MEANINGFUL = re.findall(r"```\n(type != .*?)\n```", PAGE, re.DOTALL)[0].strip()
"""The filter of the page: what Izanami calls its hooks for, and no mere edit of a description."""


def test_iz_1_every_field_is_kept_up_to_its_limit_and_used_in_the_call(tenant: Tenant) -> None:
    headers = {f"x-izanami-{n}": str(n) * (40_480 // 8 - 11) for n in range(8)}
    assert sum(len(name) + len(value) for name, value in headers.items()) == 40_480
    base = tenant.receiver.base
    fields: dict[str, Any] = {
        "name": "n" * 200,
        "description": "d" * 500,
        "headers": headers,
        "enabled": True,
        "scope": {"entities": [FEATURE], "projects": ["website"], "environments": []},
        "context": "prod/mobile",
        "user": "foo",
        "body_template": IZANAMI_BODY,
    }
    suffix = "/" + "u" * (2_048 - len(base) - len(tenant.path()) - 1)
    hook = tenant.hook(suffix=suffix, **fields)
    stored = tenant.api.get(hook.at)
    assert len(stored["url"]) == 2_048
    assert {name: stored[name] for name in fields} == fields

    call = hook.arrives(tenant.publish(published("izanami_feature_updated")))
    assert {name: call.headers[name] for name in headers} == headers
    assert call.json["payload"]["active"] is False

    too_long: tuple[dict[str, Any], ...] = (
        {"name": "n" * 201},
        {"description": "d" * 501},
        {"url": stored["url"] + "u"},
        {"headers": headers | {"x": "y"}},
    )
    for field in too_long:
        refused = tenant.api("PATCH", hook.at, field)
        assert (refused.status, refused.fields) == (422, set(field))
    again = {"name": "n" * 200, "url": base, "events": ["*"]}
    assert tenant.api("POST", "/webhooks", again).status == 409


def test_iz_2_a_hook_in_scope_is_called_once_however_it_matches(tenant: Tenant) -> None:
    by_feature = tenant.hook(scope={"entities": [FEATURE]})
    by_project = tenant.hook(scope={"projects": ["website"]})
    both_ways = tenant.hook(scope={"entities": [FEATURE], "projects": ["website"]})
    everything = tenant.hook()
    elsewhere = tenant.hook(scope={"entities": ["other"], "projects": ["shop"]})

    event_id = tenant.publish(published("izanami_feature_updated"))
    called = (by_feature, by_project, both_ways, everything)
    assert tenant.went_to(event_id) == {hook.id for hook in called}
    for hook in called:
        hook.arrives(event_id, times=1)
        assert hook.delivered(event_id)["attempt_count"] == 1
    assert elsewhere.log() == []
    assert elsewhere.arrivals() == []


def test_iz_3_what_changes_an_activation_or_a_name_calls_and_a_mere_edit_does_not(
    tenant: Tenant,
) -> None:
    hook = tenant.hook(
        events=["FEATURE_CREATED", "FEATURE_UPDATED", "FEATURE_DELETED"], filter=MEANINGFUL
    )
    updated = published("izanami_feature_updated")

    def edit(before: Any, after: Any, **data: object) -> str:
        feature = {"id": FEATURE, "name": "f", "strategies": after, "previous_strategies": before}
        return tenant.publish(updated, feature=feature, **({"data": {"name": "f"}} | data))

    overload, other = {"": ON, "prod": OFF}, {"": ON, "prod": ON}
    narrowed = {"": ON | {"conditions": [{"rule": {"users": ["foo"]}}]}}
    name = {"previous_data": {"name": "f"}}
    calls = {
        "created": tenant.publish(published("izanami_feature_created")),
        "deleted": tenant.publish(published("izanami_feature_deleted")),
        "enabling": edit({"": OFF}, {"": ON}, **name),
        "conditions": edit({"": ON}, narrowed, **name),
        "overload created": edit({"": ON}, overload, **name),
        "overload updated": edit(overload, other, **name),
        "overload deleted": edit(other, {"": ON}, **name),
        "renamed": edit({"": ON}, {"": ON}, previous_data={"name": "old"}),
    }
    merely = edit({"": ON}, {"": ON}, data={"name": "f", "description": "x", "tags": ["t"]}, **name)
    for event_id in calls.values():
        hook.arrives(event_id)
    assert tenant.went_to(merely) == set()
    assert {item["event_id"] for item in hook.log()} == set(calls.values())
    assert hook.arrivals(merely) == []


def test_iz_4_the_call_carries_the_activation_for_the_hooks_context_and_user(
    tenant: Tenant,
) -> None:
    coloured = {"enabled": True, "resultType": "string", "value": "blue"}
    strategies = {
        "": coloured | {"conditions": [{"rule": {"users": ["foo"]}, "value": "green"}]},
        "prod": coloured | {"enabled": False},
    }
    wanted = {
        # (context, user): whether the page's flag is active, and the value of one with texts.
        ("", "foo"): (True, "green"),
        ("", "Foo"): (False, "blue"),  # names are case-sensitive
        ("prod/mobile", "foo"): (False, None),
        ("prod/mobile/ios", "foo"): (False, None),
        ("prod", "foo"): (True, None),
        ("production", "foo"): (True, "green"),  # not under prod
    }
    hooks = {
        (context, user): tenant.hook(context=context or None, user=user) for context, user in wanted
    }
    flag = published("izanami_feature_updated")
    # Without the condition that holds on Mondays only: the test is for every day.
    flag["feature"]["strategies"][""]["conditions"].pop(0)
    boolean = tenant.publish(flag)
    text = tenant.publish(flag, feature={"id": "f2", "name": "f2", "strategies": strategies})
    for asked, (active, value) in wanted.items():
        assert hooks[asked].arrives(boolean).json["feature"]["active"] is active, asked
        assert hooks[asked].arrives(text).json["feature"]["active"] == value, asked
        sent = hooks[asked].delivered(boolean)["attempts"][0]["request"]["body"]
        assert json.loads(sent)["feature"]["active"] is active


def test_iz_5_a_template_turns_the_event_into_the_body(tenant: Tenant) -> None:
    on_or_off = "{{#payload.active}}on{{/payload.active}}{{^payload.active}}off{{/payload.active}}"
    template = f'{{"text": "{{{{payload.name}}}} is {on_or_off}", "by": "{{{{metadata.user}}}}"}}'
    hook = tenant.hook(context="prod/mobile", user="foo", body_template=template)
    event_id = tenant.publish(published("izanami_feature_updated"))
    expected = {"text": "summer-sales is off", "by": "ann"}
    assert hook.arrives(event_id).json == expected
    (attempt,) = hook.delivered(event_id)["attempts"]
    assert json.loads(attempt["request"]["body"]) == expected


def test_iz_6_a_preview_shows_what_would_be_sent_and_sends_nothing(tenant: Tenant) -> None:
    event = published("izanami_feature_updated") | {"id": "previewed"}
    hook = tenant.hook(context="prod/mobile", user="foo", body_template=IZANAMI_BODY)
    asked = {
        "template": IZANAMI_BODY,
        "event": event,
        "webhook": {"name": hook.made["name"], "context": "prod/mobile", "user": "foo"},
    }
    shown = tenant.api.post("/templates/preview", asked)
    assert (shown["valid"], shown["content_type"]) == (True, "application/json")
    broken = tenant.api.post("/templates/preview", asked | {"template": '{"a": {{type}}}'})
    assert broken["valid"] is False
    assert broken["problem"]
    unclosed = tenant.api("POST", "/templates/preview", asked | {"template": "{{#a}}"})
    assert (unclosed.status, unclosed.fields) == (422, {"template"})
    assert tenant.api("GET", "/events/previewed").status == 404
    assert hook.log() == []
    assert hook.arrivals() == []

    assert hook.arrives(tenant.publish(event)).call.body == shown["body"]


def test_iz_7_errors_and_timeouts_are_retried_with_growing_waits_until_given_up(
    tenant: Tenant,
) -> None:
    preset = {
        "initial_delay_seconds": 5,
        "multiplier": 2,
        "max_delay_seconds": 600,
        "max_attempts": 6,
        "max_age_seconds": 864_000,
    }
    assert tenant.hook(retry=preset).made["retry"] == preset

    quick = {"initial_delay_seconds": 1, "multiplier": 2, "max_attempts": 3}
    failing = tenant.hook("/status/503", retry=quick)
    stalling = tenant.hook("/stall/3", retry=quick | {"max_attempts": 2}, timeout_seconds=1)
    event_id = tenant.publish(published("izanami_feature_updated"))

    failed = failing.delivered(event_id, "failed")
    assert [attempt["response"]["status"] for attempt in failed["attempts"]] == [503, 503, 503]
    first, second = planned_waits(failed)
    assert 0.9 <= first < second
    assert second >= 1.8
    _, *later = failing.arrivals(event_id)
    due = [from_iso(attempt["next_attempt_at"]) for attempt in failed["attempts"][:-1]]
    assert all(call.at >= at for call, at in zip(later, due, strict=True))
    timed_out = stalling.delivered(event_id, "failed")
    assert [attempt["error"]["kind"] for attempt in timed_out["attempts"]] == ["timeout"] * 2


def test_iz_8_a_call_that_the_sender_died_in_is_made_again_first_call_or_retry(
    tenant: Tenant,
) -> None:
    first = tenant.hook(events=["FEATURE_UPDATED"], timeout_seconds=30)
    # Long enough to tell the receiver, in time for the retry, how to behave then.
    later = {"initial_delay_seconds": 12}
    retried = tenant.hook("/fail/1", events=["FEATURE_CREATED"], timeout_seconds=30, retry=later)
    tenant.receiver.behave(first.path, delay_seconds=8, times=1)
    with killing_the_sender(tenant.stack, "deliveries") as kill:
        event_id = tenant.publish(published("izanami_feature_updated"))
        eventually(lambda: first.arrivals(event_id), "the first call")
        kill()
        eventually(lambda: len(first.arrivals(event_id)) == 2, "the call again")
    again = first.delivered(event_id)
    assert {call.event_id for call in first.arrivals()} == {event_id}
    assert again["attempt_count"] == 1

    with killing_the_sender(tenant.stack, "retries") as kill:
        event_id = tenant.publish(published("izanami_feature_created"))
        retried.delivered(event_id, "retrying", attempts=1)
        tenant.receiver.behave(retried.path, delay_seconds=8, times=1)
        eventually(lambda: len(retried.arrivals(event_id)) == 2, "the retry")
        kill()
        eventually(lambda: len(retried.arrivals(event_id)) == 3, "the retry again")
    assert retried.delivered(event_id)["attempt_count"] == 2


def test_iz_9_rights_on_a_hook_are_read_write_and_admin(tenant: Tenant) -> None:
    hook, hidden = tenant.hook(), tenant.hook()
    callers: dict[str, Api] = {}
    for level in ("read", "write", "admin"):
        principal_id, callers[level] = tenant.principal()
        tenant.api.put(f"{hook.at}/rights/{principal_id}", {"level": level})
    _, callers["tenant admin"] = tenant.principal(level="admin")
    _, callers["global admin"] = tenant.principal(global_admin=True)
    admins = {"admin", "tenant admin", "global admin"}
    right_of_someone, _ = tenant.principal()

    for level, api in callers.items():
        seen = {item["id"] for item in api.get("/webhooks")["items"]}
        assert seen == ({hook.id} if level in {"read", "write", "admin"} else {hook.id, hidden.id})
        assert api("GET", hook.at).status == 200
        assert api("GET", f"{hook.at}/deliveries").status == 200
        updated = api("PATCH", hook.at, {"description": level}).status
        assert updated == (403 if level == "read" else 200), level
        secret = api("GET", f"{hook.at}/secret").status
        assert secret == (200 if level in admins else 403), level
        right = api("PUT", f"{hook.at}/rights/{right_of_someone}", {"level": "read"}).status
        assert right == (204 if level in admins else 403), level
    for level in ("read", "write"):
        assert callers[level]("DELETE", hook.at).status == 403
        assert callers[level]("GET", hidden.at).status == 404
    _assert_who_may_create(tenant, hook)
    _assert_defaults_yield_to_own_rights(tenant)
    callers["admin"].delete(hook.at)
    assert tenant.api("GET", hook.at).status == 404


def _assert_who_may_create(tenant: Tenant, hook: Hook) -> None:
    reader_id, reader = tenant.principal(level="read")
    writer_id, writer = tenant.principal(level="write")
    _, admin = tenant.principal(level="admin")
    scoped = {"url": hook.made["url"], "events": ["*"], "scope": {"projects": ["website"]}}
    everywhere = {"url": hook.made["url"], "events": ["*"]}
    assert reader("POST", "/webhooks", {"name": "by a reader"} | scoped).status == 403
    assert writer("POST", "/webhooks", {"name": "global"} | everywhere).status == 403
    assert admin("POST", "/webhooks", {"name": "global"} | everywhere).status == 201
    made = writer.post("/webhooks", {"name": "by a writer"} | scoped)
    rights = {item["principal_id"]: item for item in writer.get(_rights(made))["items"]}
    assert (rights[writer_id]["level"], rights[writer_id]["via"]) == ("admin", "webhook")
    assert rights[reader_id]["level"] == "read"
    assert writer("PATCH", f"/webhooks/{made['id']}", {"scope": None}).status == 403
    writer.delete(f"/webhooks/{made['id']}")


def _assert_defaults_yield_to_own_rights(tenant: Tenant) -> None:
    own, other = tenant.hook(), tenant.hook()
    principal_id, caller = tenant.principal(default_webhook_level="write")
    tenant.api.put(f"{own.at}/rights/{principal_id}", {"level": "read"})
    assert caller("PATCH", own.at, {"description": "x"}).status == 403
    assert caller("PATCH", other.at, {"description": "x"}).status == 200


def _rights(made: dict[str, Any]) -> str:
    return f"/webhooks/{made['id']}/rights"
