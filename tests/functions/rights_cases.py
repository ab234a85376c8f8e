"""The requests behind the lines of the rights table: ids and bodies, fresh where one is used up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.builders import an_id
from tests.functions.rights_world import A_PROVIDER, OWN, Ids, RightsWorld, a_function

Fresh = Callable[[RightsWorld, str], dict[str, str]]

FRESH: Mapping[str, Fresh] = {
    "delete_tenant": RightsWorld.new_tenant,
    "patch_principal": RightsWorld.new_principal,
    "patch_principal_(of_a_global_admin)": RightsWorld.new_boss,
    "delete_principal": RightsWorld.new_principal,
    "delete_principal_(of_a_global_admin)": RightsWorld.new_boss,
    "patch_principal_(to_a_global_admin)": RightsWorld.new_principal,
    "create_key": RightsWorld.new_principal,
    "create_key_(of_a_global_admin)": RightsWorld.new_boss,
    "get_key": RightsWorld.new_key,
    "delete_key": RightsWorld.new_key,
    "delete_key_(of_a_global_admin)": RightsWorld.new_boss_key,
    "create_session_(of_a_global_admin)": RightsWorld.new_boss,
    "delete_event_type": RightsWorld.new_event_type,
    "patch_webhook_(to_a_global_scope)": RightsWorld.new_webhook,
    "patch_webhook_(to_hear_more)": RightsWorld.new_webhook,
    "patch_webhook_(to_another_origin)": RightsWorld.new_webhook,
    "patch_webhook_(there_with_a_new_secret)": RightsWorld.new_webhook,
    "delete_webhook": RightsWorld.new_webhook,
    "get_right": RightsWorld.new_right,
    "delete_right": RightsWorld.new_right,
    "retry_delivery": RightsWorld.new_delivery,
    "cancel_delivery": RightsWorld.new_delivery,
    "get_recover_job": RightsWorld.new_job,
    "cancel_recover_job": RightsWorld.new_job,
    "delete_inbound_provider": RightsWorld.new_provider,
    "delete_inbound_function": RightsWorld.new_function,
}
"""Lines whose request changes or ends what it is about: each cell gets one of its own."""

QUERIES: Mapping[str, Mapping[str, str]] = {"get_health_(deep)": {"deep": "true"}}
"""What a line's request asks for besides its path."""

_RECOVER = {"since": "2026-11-01T00:00:00Z"}

_EVENT = {"type": "flow.executed", "data": {"rows": 1}}


def _a_webhook(number: int, scope: Mapping[str, object]) -> dict[str, object]:
    return {
        "name": f"made {number}",
        "url": "https://example.com/hook",
        "events": ["flow.*"],
        "scope": scope,
    }


BODIES: Mapping[str, Callable[[RightsWorld, str], Any]] = {
    "create_tenant": lambda world, _: {"id": f"new-{next(world.numbers)}"},
    "patch_tenant": lambda *_: {"name": "renamed"},
    "create_principal": lambda *_: {"name": "new"},
    "create_principal_(a_global_admin)": lambda *_: {"name": "new", "global_admin": True},
    "patch_principal": lambda *_: {"level": "write"},
    "patch_principal_(to_a_global_admin)": lambda *_: {"global_admin": True},
    "patch_principal_(of_a_global_admin)": lambda *_: {"name": "renamed"},
    "put_event_type": lambda *_: {"description": "ran"},
    "patch_event_type": lambda *_: {"description": "ran again"},
    "create_webhook": lambda world, _: _a_webhook(next(world.numbers), {"projects": ["p"]}),
    "create_webhook_(a_global_one)": lambda world, _: _a_webhook(next(world.numbers), {}),
    "patch_webhook": lambda world, _: {"description": f"edit {next(world.numbers)}"},
    "patch_webhook_(to_a_global_scope)": lambda *_: {"scope": {"projects": []}},
    "patch_webhook_(to_hear_more)": lambda *_: {"events": ["flow.*", "order.paid"]},
    "patch_webhook_(to_another_origin)": lambda *_: {"url": "https://example.net/hook"},
    "patch_webhook_(there_with_a_new_secret)": lambda *_: {
        "url": "https://example.net/hook",
        "secret": f"whsec_{'A' * 43}=",
    },
    "patch_webhook_(its_secret)": lambda *_: {"secret": f"whsec_{'A' * 43}="},
    "put_right": lambda *_: {"level": "read"},
    "publish_event": lambda *_: _EVENT,
    "publish_batch": lambda *_: {"events": [_EVENT]},
    "dry_run_event": lambda *_: _EVENT,
    "preview_template": lambda *_: {"template": "{{event.type}}", "event": _EVENT},
    "test_webhook": lambda *_: {},
    "send_event": lambda world, tenant: {"event_id": world.ids[tenant]["event"]},
    "test_webhook_(with_data_of_one's_own)": lambda *_: {"data": {"paid": True}},
    "recover_webhook": lambda *_: _RECOVER,
    "recover_webhook_(a_dry_run)": lambda *_: {**_RECOVER, "dry_run": True},
    "create_inbound_provider": lambda *_: A_PROVIDER,
    "reorder_inbound_providers": lambda world, tenant: {"ids": world.providers(tenant)},
    "patch_inbound_provider": lambda *_: {"description": "edited"},
    "create_inbound_function": lambda world, tenant: a_function(world.ids[tenant]["provider"]),
    "patch_inbound_function": lambda *_: {"description": "edited"},
}
"""Bodies by line, for a tenant; a number makes them differ where names are unique."""


def ids_for(world: RightsWorld, line: str, tenant: str) -> Ids:
    """What exists in the tenant, made anew where the line uses it up."""
    fresh = FRESH.get(line)
    return {**world.ids[tenant], **(fresh(world, tenant) if fresh else {})}


def body_for(world: RightsWorld, line: str, tenant: str) -> object:
    """The body that lets the request succeed in a tenant."""
    make = BODIES.get(line)
    return None if make is None else make(world, tenant if tenant in world.ids else OWN)


def unknown_ids() -> Ids:
    """Well-formed ids of nothing."""
    return {
        "principal": an_id("prn"),
        "key": an_id("key"),
        "webhook": an_id("wh"),
        "delivery": an_id("dlv"),
        "event": "evt-unknown",
        "event_type": "never.heard.of",
        "provider": an_id("prv"),
        "function": an_id("fn"),
        "message": an_id("msg"),
        "job": an_id("job"),
    }
