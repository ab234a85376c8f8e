"""The catalogue files, loaded into a tenant of the deployed stack."""

from __future__ import annotations

import os
import subprocess
import sys

from local.catalogue import shipped
from tests.e2e.stack import ROOT
from tests.e2e.tenant import Tenant


def load(tenant: Tenant, *arguments: str, key: str | None = None) -> str:
    """What `make catalogue` prints."""
    command = [sys.executable, "-m", "local.catalogue", tenant.name, *arguments]
    command += ["--api", tenant.api.base]
    env = dict(os.environ) | {"KEY": key or str(tenant.api.key)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


def test_the_shipped_types_are_added_and_what_a_tenant_wrote_itself_is_kept(
    tenant: Tenant,
) -> None:
    own = {"description": "Ours.", "schema": {"type": "object", "required": ["name"]}}
    tenant.api.put("/event-types/feature-created", own)
    assert load(tenant, "unleash").startswith("30 event types added")
    kept = tenant.api.get("/event-types/feature-created")
    assert (kept["description"], kept["schema"]) == (own["description"], own["schema"])
    assert tenant.api.get("/event-types/feature-archived")["description"].endswith(".")

    load(tenant)
    page = tenant.api.get("/event-types", limit=100)
    types = {item["type"] for item in page["items"]}
    assert {"FEATURE_UPDATED", "Flow.Executed", "github.push", "subscription.create"} <= types
    assert load(tenant, *shipped()).startswith("0 event types added")
    refused = tenant.api("POST", "/events", {"type": "feature-created", "data": {}})
    assert (refused.status, refused.fields) == (422, {"data"})


def test_who_may_not_write_is_told_so(tenant: Tenant) -> None:
    _, reader = tenant.principal(level="read")
    assert "answered 403" in load(tenant, "etlworks", key=reader.key)
    assert tenant.api.get("/event-types")["items"] == []
