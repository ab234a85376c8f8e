"""Webhooks, their subscriptions and their secrets in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence

from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.webhook import (
    Subscription,
    SubscriptionPage,
    Webhook,
    WebhookSecrets,
    subscriptions_of,
)
from hookline.errors import Unavailable
from hookline.ports.webhooks import NameTaken, Saved, VersionChanged


class InMemoryWebhooks:
    """`Webhooks`, `WebhookChanges` and `Subscriptions`: what is written together reads together."""

    def __init__(self) -> None:
        self._webhooks: dict[tuple[TenantId, WebhookId], Webhook] = {}
        self._names: dict[tuple[TenantId, str], WebhookId] = {}
        self._subscriptions: dict[tuple[TenantId, str], dict[WebhookId, Subscription]] = {}
        self._versions: dict[TenantId, str] = {}
        self._ordered: dict[tuple[TenantId, str], tuple[str | None, list[WebhookId]]] = {}

    def get(self, tenant: TenantId, webhook_id: WebhookId) -> Webhook | None:
        return self._webhooks.get((tenant, webhook_id))

    def page(
        self, tenant: TenantId, limit: int, before: WebhookId | None
    ) -> tuple[Sequence[Webhook], WebhookId | None]:
        ids = sorted(
            (
                webhook_id
                for of, webhook_id in self._webhooks
                if of == tenant and (before is None or webhook_id < before)
            ),
            reverse=True,
        )
        found = [self._webhooks[tenant, webhook_id] for webhook_id in ids[:limit]]
        return found, found[-1].id if len(ids) > limit else None

    def count(self, tenant: TenantId) -> int:
        return sum(of == tenant for of, _ in self._webhooks)

    def all(self) -> Sequence[Webhook]:
        """Every webhook there is."""
        return list(self._webhooks.values())

    def create(self, webhook: Webhook) -> Saved | NameTaken:
        standing = self._webhooks.get((webhook.tenant, webhook.id))
        if standing == webhook:
            return Saved()
        if standing is not None:
            raise Unavailable(f"the webhook id {webhook.id} is taken")
        return self._put(None, webhook)

    def replace(self, before: Webhook, after: Webhook) -> Saved | NameTaken | VersionChanged:
        standing = self._webhooks.get((before.tenant, before.id))
        if standing == after:
            return Saved()
        if standing is None or standing.version != before.version:
            return VersionChanged()
        return self._put(before, after)

    def delete(self, webhook: Webhook) -> Saved | VersionChanged:
        standing = self._webhooks.get((webhook.tenant, webhook.id))
        if standing is None:
            return Saved()
        if standing.version != webhook.version:
            return VersionChanged()
        del self._webhooks[webhook.tenant, webhook.id]
        self._names.pop((webhook.tenant, webhook.name), None)
        self._unsubscribe(webhook)
        return Saved()

    def under(self, tenant: TenantId, patterns: Sequence[str]) -> Sequence[Subscription]:
        return [
            subscription
            for pattern in patterns
            for _, subscription in sorted(self._subscriptions.get((tenant, pattern), {}).items())
        ]

    def page_of_subscriptions(
        self, tenant: TenantId, pattern: str, limit: int, after: WebhookId | None
    ) -> SubscriptionPage:
        under = self._subscriptions.get((tenant, pattern), {})
        version = self._versions.get(tenant)
        known = self._ordered.get((tenant, pattern))
        if known is None or known[0] != version:
            known = self._ordered[tenant, pattern] = version, sorted(under)
        ids = known[1]
        first = 0 if after is None else bisect_right(ids, after)
        found = [under[webhook_id] for webhook_id in ids[first : first + limit]]
        more = first + limit < len(ids)
        return SubscriptionPage(found, found[-1].webhook_id if more else None)

    def versions(self, tenants: Collection[TenantId]) -> Mapping[TenantId, str | None]:
        return {tenant: self._versions.get(tenant) for tenant in tenants}

    def _put(self, before: Webhook | None, after: Webhook) -> Saved | NameTaken:
        if self._names.get((after.tenant, after.name), after.id) != after.id:
            return NameTaken()
        if before is not None:
            self._names.pop((before.tenant, before.name), None)
            self._unsubscribe(before)
        self._names[after.tenant, after.name] = after.id
        self._webhooks[after.tenant, after.id] = after
        self._changed(after.tenant)
        for each in subscriptions_of(after):
            self._subscriptions.setdefault((each.tenant, each.pattern), {})[each.webhook_id] = each
        return Saved()

    def _unsubscribe(self, webhook: Webhook) -> None:
        self._changed(webhook.tenant)
        for each in subscriptions_of(webhook):
            self._subscriptions.get((each.tenant, each.pattern), {}).pop(each.webhook_id, None)

    def _changed(self, tenant: TenantId) -> None:
        self._versions[tenant] = f"{int(self._versions.get(tenant, '0')) + 1}"


class InMemorySubscriptions:
    """`Subscriptions` over the webhooks' own table."""

    def __init__(self, webhooks: InMemoryWebhooks) -> None:
        self.under = webhooks.under
        self.page = webhooks.page_of_subscriptions
        self.versions = webhooks.versions


class InMemoryVault:
    """`Vault`: sealed texts are names under which the secrets are kept."""

    def __init__(self) -> None:
        self._sealed: dict[str, tuple[TenantId, WebhookId, WebhookSecrets]] = {}

    def seal(self, tenant: TenantId, webhook_id: WebhookId, secrets: WebhookSecrets) -> str:
        name = f"sealed-{len(self._sealed) + 1}"
        self._sealed[name] = tenant, webhook_id, secrets
        return name

    def open(self, tenant: TenantId, webhook_id: WebhookId, sealed: str) -> WebhookSecrets:
        owner, of, secrets = self._sealed.get(sealed, (None, None, None))
        if secrets is None or (owner, of) != (tenant, webhook_id):
            raise Unavailable("Decrypt: InvalidCiphertextException")
        return secrets
