"""Who may do what: one pure decision over principal, tenant, webhook and action.

The level on a webhook is the first of these: global admin, tenant admin, the principal's own level
on that webhook, its default level for webhooks, its level in the tenant. Any of them makes the
tenant visible. On the tenant itself only global admin, tenant admin and the level in the tenant
count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hookline.domain.identity.acts import NEEDS, Action, Level, OnPlatform, OnTenant, OnWebhook
from hookline.domain.identity.sessions import Look
from hookline.domain.ids import PrincipalId, TenantId, WebhookId

Via = Literal["webhook", "default", "tenant", "global"]
"""Where an effective level comes from."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What somebody calls with, how long it is valid, and the look of its owner link."""

    kind: Literal["root", "key", "session", "token"] = "key"
    expires_at: datetime | None = None
    look: Look | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A person or program that calls the API.

    It belongs to one ``tenant``; only the root key's principal belongs to none. ``webhook_levels``
    override ``default_webhook_level``, which overrides ``level``, the one in the tenant. The map
    holds at least the levels that the decision at hand needs (the service `authorize` loads them):
    a principal may have thousands, which no request needs all at once.
    """

    id: PrincipalId
    tenant: TenantId | None
    name: str
    level: Level | None = None
    default_webhook_level: Level | None = None
    webhook_levels: Mapping[WebhookId, Level] = field(default_factory=dict)
    global_admin: bool = False
    credential: Credential = field(default=Credential(), compare=False)


ROOT = Principal(
    id=PrincipalId("prn_root"),
    tenant=None,
    name="root",
    global_admin=True,
    credential=Credential("root"),
)
"""Whoever holds the root key that the stack made at deploy."""


_SUBJECTS: Mapping[Action, str] = {
    Action.WIDEN_WEBHOOK: "Hearing more than before",
    Action.WIDEN_GLOBAL_WEBHOOK: "Hearing more than before, of all projects and entities,",
    Action.MOVE_WEBHOOK: "A url of another origin, without a new secret,",
}
"""What a refusal calls an act that is part of another."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The act is allowed."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The caller sees the thing but lacks the right; ``detail`` says which."""

    detail: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """To the caller this does not exist."""


Decision = Allowed | Forbidden | Hidden


@dataclass(frozen=True, slots=True)
class EffectiveLevel:
    """The level that counts on one webhook, and where it comes from."""

    level: Level
    via: Via


def effective_level(
    principal: Principal, tenant: TenantId, webhook_id: WebhookId
) -> EffectiveLevel | None:
    """The principal's level on a webhook; None if it may not even know of it."""
    if principal.global_admin:
        return EffectiveLevel(Level.ADMIN, "global")
    if principal.tenant != tenant:
        return None
    if principal.level is Level.ADMIN:
        return EffectiveLevel(Level.ADMIN, "tenant")
    if (own := principal.webhook_levels.get(webhook_id)) is not None:
        return EffectiveLevel(own, "webhook")
    if principal.default_webhook_level is not None:
        return EffectiveLevel(principal.default_webhook_level, "default")
    if principal.level is not None:
        return EffectiveLevel(principal.level, "tenant")
    return None


def sees_tenant(principal: Principal, tenant: TenantId) -> bool:
    """Whether any of the principal's rights lies in this tenant."""
    if principal.global_admin:
        return True
    return principal.tenant == tenant and (
        principal.level is not None
        or principal.default_webhook_level is not None
        or bool(principal.webhook_levels)
    )


def decide(
    principal: Principal, tenant: TenantId | None, webhook_id: WebhookId | None, action: Action
) -> Decision:
    """Whether the principal may do this.

    ``tenant`` is None for acts on no tenant in particular. An act on a webhook needs its
    ``webhook_id``, else ValueError. Does not check that tenant and webhook exist.
    """
    decision = _of_principal(principal, tenant, webhook_id, action)
    lends_itself = action is Action.ISSUE_CREDENTIALS and principal.credential.kind == "session"
    if lends_itself and isinstance(decision, Allowed):
        return Forbidden("A session makes no keys and no sessions.")
    return decision


def _of_principal(
    principal: Principal, tenant: TenantId | None, webhook_id: WebhookId | None, action: Action
) -> Decision:
    need = NEEDS[action]
    if isinstance(need, OnWebhook) and webhook_id is None:
        raise ValueError(f"{action.value} is about one webhook")
    if principal.global_admin:
        return Allowed()
    if tenant is None:
        return Forbidden("This takes a global admin.")
    if not sees_tenant(principal, tenant):
        return Hidden()
    on_webhook = None
    if webhook_id is not None:
        on_webhook = effective_level(principal, tenant, webhook_id)
        if on_webhook is None:
            return Hidden()
    match need:
        case OnPlatform():
            return Forbidden("This takes a global admin.")
        case OnTenant(level):
            return _compare(principal.level, level, "in the tenant", action)
        case OnWebhook(level):
            held = None if on_webhook is None else on_webhook.level
            return _compare(held, level, "on the webhook", action)


def _compare(held: Level | None, needed: Level | None, where: str, action: Action) -> Decision:
    if needed is None or (held is not None and held.includes(needed)):
        return Allowed()
    subject = _SUBJECTS.get(action, "This")
    return Forbidden(f"{subject} takes the level {needed.value} {where}.")
