"""Two tenants with one of everything, and what a request uses up, made anew for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from hookline.domain.delivery.delivery import Status
from hookline.domain.delivery.recover_job import JobStatus, RecoverJob
from hookline.domain.identity.rights import ROOT
from hookline.domain.ids import EventId, JobId, MessageId, TenantId, WebhookId
from hookline.domain.inbound.message import Call, Message
from tests.builders import a_delivery, an_id
from tests.functions.rights_table import CALLERS
from tests.worlds.client import Client
from tests.worlds.stack import Stack

OWN, OTHER, UNKNOWN = "acme", "globex", "nowhere"

Ids = Mapping[str, str]
"""What stands in a path's parameters, by their names."""

A_PROVIDER = {"name": "GitHub", "match": {"expression": "`true`"}, "verify": {"type": "none"}}


def a_function(provider: str) -> dict[str, object]:
    return {
        "name": "publish",
        "provider_id": provider,
        "uri": "git/push",
        "action": {"type": "publish", "event": {"type": "'git.push'"}},
    }


@dataclass
class RightsWorld:
    """Two tenants with one of everything, and a key of every kind of caller."""

    stack: Stack
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    principals: dict[str, str] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._stores = self.stack.stores
        self.root: Client = self.stack.client(OWN)
        self.stack.client(OTHER)
        self._make_callers()
        for tenant in (OWN, OTHER):
            self.ids[tenant] = self._one_of_everything(tenant)
        elsewhere = f"/v1/tenants/{OWN}/webhooks/{self._webhook(OWN)}/rights"
        self.put(f"{elsewhere}/{self.principals['w-other']}", {"level": "admin"})

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
            self.principals[name], self.keys[name] = self.root.within(tenant).a_principal(**body)

    def _one_of_everything(self, tenant: str) -> dict[str, str]:
        target, _ = self.root.within(tenant).a_principal(level="read")
        boss, _ = self.root.within(tenant).a_principal(global_admin=True)
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

    def _webhook(self, tenant: str) -> str:
        made = self.root.within(tenant).a_webhook(scope={"projects": ["p"]})
        return str(made["id"])

    def put(self, path: str, body: object) -> None:
        self.root.put(path, body)

    def webhook(self, tenant: str = OWN) -> str:
        """A new webhook, and on it the levels that the callers are named after."""
        webhook_id = self._webhook(tenant)
        if tenant == OWN:
            rights = f"/v1/tenants/{OWN}/webhooks/{webhook_id}/rights"
            for level in ("read", "write", "admin"):
                self.put(f"{rights}/{self.principals[f'w-{level}']}", {"level": level})
        return webhook_id

    def event(self, tenant: str) -> str:
        accepted = self.root.made(f"/v1/tenants/{tenant}/events", {"type": "flow.executed"})
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
        now = self.stack.clock()
        made = Message(id=MessageId(an_id("msg", now)), call=call, received_at=now)
        self._stores.new_messages.put(made)
        return made.id

    def providers(self, tenant: str) -> list[str]:
        path = f"/v1/tenants/{tenant}/inbound/providers"
        page = self.root("GET", path, query={"limit": "100"})
        return [provider["id"] for provider in page.json["items"]]

    # -- what a request uses up, made anew for it ---------------------------------------------

    def new_principal(self, tenant: str, **body: object) -> dict[str, str]:
        path = f"/v1/tenants/{tenant}/principals"
        return {"principal": self.root.made(path, {"name": "to be changed", **body})["id"]}

    def new_boss(self, tenant: str) -> dict[str, str]:
        return self.new_principal(tenant, global_admin=True)

    def new_key(self, tenant: str, **body: object) -> dict[str, str]:
        made = self.new_principal(tenant, **body)
        path = f"/v1/tenants/{tenant}/principals/{made['principal']}/keys"
        return {**made, "key": self.root.made(path)["id"]}

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
        now = self.stack.clock()
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
        return {"provider": self.root.made(path, A_PROVIDER)["id"]}

    def new_function(self, tenant: str, provider: str | None = None) -> dict[str, str]:
        path = f"/v1/tenants/{tenant}/inbound/functions"
        body = a_function(provider or self.ids[tenant]["provider"])
        return {"function": self.root.made(path, body)["id"]}

    def new_tenant(self, _: str) -> dict[str, str]:
        """Only global admins get as far as a tenant of its own; all others ask for theirs."""
        name = f"made-{next(self.numbers)}"
        self.root.made("/v1/tenants", {"id": name})
        return {"tenant": name}
