"""Where webhooks are managed: its gate, its tables, and what may come between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hookline.domain.identity.acts import Action
from hookline.domain.identity.rights import ROOT, Principal
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.health import Health
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Forbidden, Unavailable
from hookline.ports.webhooks import NameTaken, Saved, VersionChanged
from hookline.services.webhook.manage_webhooks import ManageWebhooks
from tests.builders import NOW, TENANT
from tests.engine.health import InMemoryWebhookHealth
from tests.engine.webhooks import InMemoryWebhooks

DOCUMENT = {"name": "deploys", "url": "https://example.com", "events": ["*"]}


@dataclass
class Gate:
    """Lets everything pass but the ``refused``, and remembers who became whose admin."""

    refused: frozenset[Action] = frozenset()
    admins: list[tuple[str, str]] = field(default_factory=list)

    def __call__(
        self,
        principal: Principal,
        tenant: TenantId | None,
        action: Action,
        webhook_id: WebhookId | None = None,
    ) -> Principal:
        if action in self.refused:
            raise Forbidden(action.value)
        return principal

    def becomes_admin(self, creator: Principal, tenant: TenantId, webhook_id: WebhookId) -> None:
        self.admins.append((creator.id, webhook_id))


@dataclass
class Told:
    """What was announced; with ``outage`` nothing can be."""

    outage: bool = False
    heard: list[str] = field(default_factory=list)
    switched_on: list[Webhook] = field(default_factory=list)

    def created(self, webhook: Webhook, at: datetime) -> None:
        self._hear("created", webhook)

    def updated(self, webhook: Webhook, at: datetime) -> None:
        self._hear("updated", webhook)

    def deleted(self, webhook: Webhook, at: datetime) -> None:
        self._hear("deleted", webhook)

    def _hear(self, what: str, webhook: Webhook) -> None:
        if self.outage:
            raise Unavailable("PutItem: InternalServerError")
        self.heard.append(f"{what} {webhook.version}")


class Raced:
    """`WebhookChanges` before whose first ``races`` replacements somebody else makes an edit."""

    def __init__(self, webhooks: InMemoryWebhooks, races: int) -> None:
        self._webhooks = webhooks
        self._left = races

    def create(self, webhook: Webhook) -> Saved | NameTaken:
        return self._webhooks.create(webhook)

    def replace(self, before: Webhook, after: Webhook) -> Saved | NameTaken | VersionChanged:
        if self._left:
            self._left -= 1
            other = replace(before, description="theirs", version=before.version + 1)
            self._webhooks.replace(before, other)
        return self._webhooks.replace(before, after)

    def delete(self, webhook: Webhook) -> Saved | VersionChanged:
        return self._webhooks.delete(webhook)


class HealthOutage(InMemoryWebhookHealth):
    """Health that cannot be read."""

    def get_many(self, wanted: Sequence[tuple[TenantId, WebhookId]]) -> Sequence[Health]:
        raise Unavailable("BatchGetItem: InternalServerError")


class HealthOutrun(InMemoryWebhookHealth):
    """Health that somebody else changes before each of the next ``races`` replacements."""

    races = 0

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[Health], Health] = lambda h: replace(h, last_success_at=NOW)

    def replace(self, before: Health, after: Health) -> bool:
        if self.races:
            self.races -= 1
            (stands,) = self.get_many([(before.tenant, before.webhook_id)])
            super().replace(stands, self.meanwhile(stands))
        return super().replace(before, after)


@dataclass
class Desk:
    """`ManageWebhooks` and what it stands on."""

    manage: ManageWebhooks
    webhooks: InMemoryWebhooks
    health: InMemoryWebhookHealth
    gate: Gate
    told: Told

    def a_webhook(self, **fields: object) -> Webhook:
        return self.manage.create(ROOT, TENANT, DOCUMENT | fields).webhook
