"""Third parties and their calls to the deployed stack: what is set up for them, and what came."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from tests.e2e.api import Reply
from tests.e2e.tenant import Tenant
from tests.e2e.waiting import eventually

SECRET = "It's a Secret to Everybody"
PUSH = json.dumps({"ref": "refs/heads/main", "repository": {"full_name": "acme/web"}}).encode()
GITHUB = {"type": "github", "secret": SECRET}
FROM_GITHUB = 'headers."x-github-event"'
PUBLISHES = {"type": "publish", "event": {"type": "'git.push'", "data": "message.payload"}}
FAILS = {"type": "publish", "event": {"type": "message.nothing_of_that_name"}}


def by_github(body: bytes, signature: str | None = None) -> dict[str, str]:
    """The headers of a push that GitHub signed with `SECRET`, or with that ``signature``."""
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": signature or f"sha256={digest}",
    }


def provider(tenant: Tenant, match: str = "`true`", /, **fields: object) -> str:
    """The id of a new one that takes everybody who matches, unless ``fields`` say otherwise."""
    given = {"name": match, "match": {"expression": match}, "verify": {"type": "none"}}
    return str(tenant.api.post("/inbound/providers", given | fields)["id"])


def function(tenant: Tenant, of: str, uri: str, action: object = None, **fields: object) -> str:
    """The id of a new one that publishes an event, unless ``action`` says otherwise."""
    given = {"name": uri, "provider_id": of, "uri": uri, "action": action or PUBLISHES}
    return str(tenant.api.post("/inbound/functions", given | fields)["id"])


def call(
    tenant: Tenant, uri: str, headers: Mapping[str, str] | None = None, data: bytes = PUSH
) -> Reply:
    """A third party's call, without a key."""
    path = f"/in/{tenant.name}/{uri}"
    return tenant.api.with_key(None)("POST", path, data=data, headers=headers)


def ended(tenant: Tenant, reply: Reply) -> dict[str, Any]:
    """The message of a call once all of it has run."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = tenant.api.get(f"/inbound/messages/{reply.body['id']}")
        return found if found["status"] != "pending" else None

    found = eventually(look, f"the end of message {reply.body['id']}")
    assert found is not None
    return found
