"""The requests behind the lines of the rights table: ids and bodies, fresh where one is used up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from hookline.domain.delivery import Status
from hookline.domain.ids import EventId, MessageId, TenantId, WebhookId
from hookline.domain.inbound.message import Call, Message
from hookline.domain.recover_job import JobId, JobStatus, RecoverJob
from hookline.domain.rights import ROOT
from hookline_api.stores import stores_of
from tests.builders import a_delivery, an_id
from tests.functions.api_world import ApiWorld
from tests.functions.rights_table import CALLERS

OWN, OTHER, UNKNOWN = "acme", "globex", "nowhere"

Ids = Mapping[str, str]
"""What stands in a path's parameters, by their names."""


@dataclass
class RightsWorld:
    """Two tenants with one of everything, and a key of every kind of caller."""

    api: ApiWorld
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    principals: dict[str, str] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._stores = stores_of(self.api.settings, self.api.clock, os.urandom)
        for tenant in (OWN, OTHER):
            self.api.made("/v1/tenants", {"id": tenant})
        self._make_callers()
        for tenant in (OWN, OTHER):
            self.ids[tenant] = self._one_of_everything(tenant)

    def _make_callers(self) -> None:
        for name in CALLERS:
            tenant = OTHER if name == "foreign" else OWN
            kind, _, level = name.partition("-")
            body: dict[str, object] = {"name": name}
            if name == "global":
                body["global_admin"] = True
            elif name == "foreign":
                body["level"] = "admin"
            elif kind in {"t", "d"}:
                body["level" if kind == "t" else "default_webhook_level"] = level
            self.principals[name], self.keys[name] = self.api.principal(tenant, **body)

    def _one_of_everything(self, tenant: str) -> dict[str, str]:
        target, _ = self.api.principal(tenant, level="read")
        boss, _ = self.api.principal(tenant, global_admin=True)
        event_type = f"{tenant}.executed"
        self.put(f"/v1/tenants/{tenant}/event-types/{event_type}", {"description": "ran"})
        made = {
            "tenant": tenant,
            "principal": target,
            "boss": boss,
            "event_type": event_type,
            "webhook": self.webhook(tenant),
            "event": self.event(tenant),
        }
        made["delivery"] = self.delivery(tenant, made["webhook"], made["event"])
        made |= self.new_provider(tenant)
        made |= self.new_function(tenant, made["provider"])
        made["message"] = self.message(tenant)
        return made

    def put(self, path: str, body: object) -> None:
        reply = self.api.call("PUT", path, body, key=self.api.root_key)
        assert reply.status in {200, 204}, (path, reply)

    def webhook(self, tenant: str = OWN) -> str:
        """A new webhook, and on it the levels that the callers are named after."""
        webhook_id = self.api.webhook(tenant)
        if tenant == OWN:
            rights = f"/v1/tenants/{OWN}/webhooks/{webhook_id}/rights"
            for level in ("read", "write", "admin"):
                self.put(f"{rights}/{self.principals[f'w-{level}']}", {"level": level})
            other = self.api.webhook(tenant)
            elsewhere = f"/v1/tenants/{OWN}/webhooks/{other}/rights"
            self.put(f"{elsewhere}/{self.principals['w-other']}", {"level": "admin"})
        return webhook_id

    def event(self, tenant: str) -> str:
        accepted = self.api.made(f"/v1/tenants/{tenant}/events", {"type": "flow.executed"})
        event_id: str = accepted["id"]
        return event_id

    def delivery(self, tenant: str, webhook: str, event: str) -> str:
        made = a_delivery(
            tenant=TenantId(tenant), webhook_id=WebhookId(webhook), event_id=EventId(event)
        )
        self._stores.new_deliveries.create([made])
        return made.key.id

    def message(self, tenant: str) -> str:
        """A message as the inbound function would have stored it."""
        call = Call(
            tenant=TenantId(tenant),
            method="POST",
            uri="git/push",
            headers={},
            query={},
            body=b"{}",
            remote_addr="192.0.2.1",
        )
        now = self.api.clock()
        made = Message(id=MessageId(an_id("msg", now)), call=call, received_at=now)
        self._stores.inbound.messages.put(made)
        return made.id

    def providers(self, tenant: str) -> list[str]:
        path = f"/v1/tenants/{tenant}/inbound/providers"
        page = self.api.call("GET", path, key=self.api.root_key, query="limit=100")
        return [provider["id"] for provider in page.body["items"]]

    # -- what a request uses up, made anew for it ---------------------------------------------

    def new_principal(self, tenant: str, **body: object) -> dict[str, str]:
        path = f"/v1/tenants/{tenant}/principals"
        return {"principal": self.api.made(path, {"name": "to be changed", **body})["id"]}

    def new_boss(self, tenant: str) -> dict[str, str]:
        return self.new_principal(tenant, global_admin=True)

    def new_key(self, tenant: str, **body: object) -> dict[str, str]:
        made = self.new_principal(tenant, **body)
        path = f"/v1/tenants/{tenant}/principals/{made['principal']}/keys"
        return {**made, "key": self.api.made(path)["id"]}

    def new_boss_key(self, tenant: str) -> dict[str, str]:
        return self.new_key(tenant, global_admin=True)

    def new_webhook(self, tenant: str) -> dict[str, str]:
        return {"webhook": self.webhook(tenant)}

    def new_right(self, tenant: str) -> dict[str, str]:
        ids = self.ids[tenant]
        rights = f"/v1/tenants/{tenant}/webhooks/{ids['webhook']}/rights"
        self.put(f"{rights}/{ids['principal']}", {"level": "read"})
        return {}

    def new_delivery(self, tenant: str) -> dict[str, str]:
        webhook, event = self.ids[tenant]["webhook"], self.event(tenant)
        return {"delivery": self.delivery(tenant, webhook, event), "event": event}

    def new_event_type(self, tenant: str) -> dict[str, str]:
        name = f"made.{next(self.numbers)}"
        self.put(f"/v1/tenants/{tenant}/event-types/{name}", {})
        return {"event_type": name}

    def new_job(self, tenant: str) -> dict[str, str]:
        """A job that is still running, as one with many deliveries to resend is."""
        now = self.api.clock()
        job = RecoverJob(
            tenant=TenantId(tenant),
            webhook_id=WebhookId(self.ids[tenant]["webhook"]),
            id=JobId(an_id("job", now)),
            status=JobStatus.RUNNING,
            since=now - timedelta(days=1),
            until=now,
            statuses=(Status.FAILED,),
            rate_per_second=1,
            matched=1_000,
            created_at=now,
            created_by=ROOT.id,
            updated_at=now,
        )
        self._stores.recover_jobs.create(job)
        return {"job": job.id}

    def new_provider(self, tenant: str) -> dict[str, str]:
        path = f"/v1/tenants/{tenant}/inbound/providers"
        return {"provider": self.api.made(path, _PROVIDER)["id"]}

    def new_function(self, tenant: str, provider: str | None = None) -> dict[str, str]:
        path = f"/v1/tenants/{tenant}/inbound/functions"
        body = _a_function(provider or self.ids[tenant]["provider"])
        return {"function": self.api.made(path, body)["id"]}

    def new_tenant(self, _: str) -> dict[str, str]:
        """Only global admins get as far as a tenant of its own; all others ask for theirs."""
        name = f"made-{next(self.numbers)}"
        self.api.made("/v1/tenants", {"id": name})
        return {"tenant": name}


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
    "delete_event_type": RightsWorld.new_event_type,
    "patch_webhook_(to_a_global_scope)": RightsWorld.new_webhook,
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

_RECOVER = {"since": "2026-11-01T00:00:00Z"}

_PROVIDER = {"name": "GitHub", "match": {"expression": "`true`"}, "verify": {"type": "none"}}


def _a_function(provider: str) -> dict[str, object]:
    return {
        "name": "publish",
        "provider_id": provider,
        "uri": "git/push",
        "action": {"type": "publish", "event": {"type": "'git.push'"}},
    }


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
    "patch_webhook_(its_secret)": lambda *_: {"secret": f"whsec_{'A' * 43}="},
    "put_right": lambda *_: {"level": "read"},
    "publish_event": lambda *_: _EVENT,
    "publish_batch": lambda *_: {"events": [_EVENT]},
    "dry_run_event": lambda *_: _EVENT,
    "preview_template": lambda *_: {"template": "{{event.type}}", "event": _EVENT},
    "test_webhook": lambda *_: {},
    "recover_webhook": lambda *_: _RECOVER,
    "recover_webhook_(a_dry_run)": lambda *_: {**_RECOVER, "dry_run": True},
    "create_inbound_provider": lambda *_: _PROVIDER,
    "reorder_inbound_providers": lambda world, tenant: {"ids": world.providers(tenant)},
    "patch_inbound_provider": lambda *_: {"description": "edited"},
    "create_inbound_function": lambda world, tenant: _a_function(world.ids[tenant]["provider"]),
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
