"""A webhook's configuration as an item of ``webhooks``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hookline.adapters.dynamo.table.attributes import Item
from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from hookline.domain.times import from_iso, iso
from hookline.domain.webhook.signing import plain_of, signature_of
from hookline.domain.webhook.webhook import (
    PLAIN,
    Auth,
    BasicAuth,
    BearerAuth,
    RetryPolicy,
    Scope,
    Webhook,
)


def to_item(webhook: Webhook) -> Item:
    """Everything there is about it; its secrets are in there only sealed."""
    return {
        "tenant": webhook.tenant,
        "item": webhook.id,
        **{name: getattr(webhook, name) for name in PLAIN},
        "headers": dict(webhook.headers),
        "events": list(webhook.events),
        "scope": scope_to_map(webhook.scope),
        "sealed_secrets": webhook.sealed_secrets,
        "signatures": [plain_of(each) for each in webhook.signatures],
        "public_key": webhook.public_key,
        "headers_hold_fields": webhook.headers_hold_fields or None,
        "auth": _auth_to_map(webhook.auth),
        "timeout_seconds": webhook.timeout.total_seconds(),
        "retry": _retry_to_map(webhook.retry),
        "rate_limit_per_second": webhook.rate_limit_per_second,
        "version": webhook.version,
        "created_at": iso(webhook.created_at),
        "created_by": webhook.created_by,
        "updated_at": iso(webhook.updated_at),
        "updated_by": webhook.updated_by,
    }


def from_item(item: Item) -> Webhook:
    """The webhook that `to_item` made the item of."""
    headers, own_type = _without_content_type(item["headers"])
    return Webhook(
        tenant=TenantId(item["tenant"]),
        id=WebhookId(item["item"]),
        headers=headers,
        events=tuple(item["events"]),
        scope=scope_from_map(item["scope"]),
        sealed_secrets=item["sealed_secrets"],
        signatures=tuple(map(signature_of, item["signatures"])),
        public_key=item.get("public_key"),
        headers_hold_fields=bool(item.get("headers_hold_fields")),
        auth=_auth_from_map(item.get("auth")),
        timeout=timedelta(seconds=item["timeout_seconds"]),
        retry=_retry_from_map(item["retry"]),
        rate_limit_per_second=item.get("rate_limit_per_second"),
        version=item["version"],
        created_at=from_iso(item["created_at"]),
        created_by=PrincipalId(item["created_by"]),
        updated_at=from_iso(item["updated_at"]),
        updated_by=PrincipalId(item["updated_by"]),
        **{name: item[name] for name in PLAIN if name in item} | own_type,
    )


def _without_content_type(headers: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Up to version 0.1 a Content-Type among the headers was sent in place of ``content_type``."""
    kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    moved = [value for name, value in headers.items() if name.lower() == "content-type" and value]
    return kept, {"content_type": moved[0]} if moved else {}


def scope_to_map(scope: Scope) -> dict[str, list[str]]:
    """Sorted lists: sets may not be empty in DynamoDB."""
    return {
        "projects": sorted(scope.projects),
        "entities": sorted(scope.entities),
        "environments": sorted(scope.environments),
    }


def scope_from_map(scope: Item) -> Scope:
    """The scope that `scope_to_map` made the map of."""
    return Scope(
        projects=frozenset(scope["projects"]),
        entities=frozenset(scope["entities"]),
        environments=frozenset(scope["environments"]),
    )


def _auth_to_map(auth: Auth | None) -> dict[str, Any] | None:
    match auth:
        case BasicAuth(username=username):
            return {"type": "basic", "username": username}
        case BearerAuth():
            return {"type": "bearer"}
        case None:
            return None


def _auth_from_map(auth: Item | None) -> Auth | None:
    if auth is None:
        return None
    return BasicAuth(auth["username"]) if auth["type"] == "basic" else BearerAuth()


def _retry_to_map(retry: RetryPolicy) -> dict[str, Any]:
    return {
        "initial_delay_seconds": retry.initial_delay.total_seconds(),
        "multiplier": retry.multiplier,
        "max_delay_seconds": retry.max_delay.total_seconds(),
        "max_attempts": retry.max_attempts,
        "max_age_seconds": retry.max_age.total_seconds(),
    }


def _retry_from_map(retry: Item) -> RetryPolicy:
    return RetryPolicy(
        initial_delay=timedelta(seconds=retry["initial_delay_seconds"]),
        multiplier=float(retry["multiplier"]),
        max_delay=timedelta(seconds=retry["max_delay_seconds"]),
        max_attempts=retry.get("max_attempts"),
        max_age=timedelta(seconds=retry["max_age_seconds"]),
    )
