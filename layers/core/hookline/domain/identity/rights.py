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
from enum import Enum
from typing import Literal

from hookline.domain.identity.sessions import Look
from hookline.domain.ids import PrincipalId, TenantId, WebhookId


class Level(Enum):
    """Each level includes those before it. Not ordered as text: use `includes`."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, other: Level) -> bool:
        """Whether this level is at least ``other``."""
        ascending = tuple(Level)
        return ascending.index(self) >= ascending.index(other)


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


class Action(Enum):
    """Every act of the API. `NEEDS` says what each requires."""

    # the platform
    LIST_TENANTS = "list_tenants"
    CREATE_TENANT = "create_tenant"
    READ_TENANT = "read_tenant"
    UPDATE_TENANT = "update_tenant"
    DELETE_TENANT = "delete_tenant"
    MANAGE_GLOBAL_ADMINS = "manage_global_admins"  # make one, change or remove one, or its keys
    READ_OPERATIONS = "read_operations"  # queues, alarms, settings

    # a tenant
    READ_PRINCIPALS = "read_principals"
    MANAGE_PRINCIPALS = "manage_principals"  # and end their keys and sessions
    ISSUE_CREDENTIALS = "issue_credentials"  # keys and sessions; not by way of a session
    READ_EVENT_TYPES = "read_event_types"
    SAVE_EVENT_TYPE = "save_event_type"
    DELETE_EVENT_TYPE = "delete_event_type"
    LIST_WEBHOOKS = "list_webhooks"  # whoever sees the tenant; the list holds what they may see
    EXPLAIN_EVENT = "explain_event"  # to the webhooks they may see
    LIST_TENANT_DELIVERIES = "list_tenant_deliveries"  # those of the webhooks they may see
    CREATE_WEBHOOK = "create_webhook"
    CREATE_GLOBAL_WEBHOOK = "create_global_webhook"  # one whose scope is global
    PREVIEW_TEMPLATE = "preview_template"
    DRY_RUN = "dry_run"
    PUBLISH_EVENT = "publish_event"
    READ_TENANT_STATS = "read_tenant_stats"
    READ_EVENTS = "read_events"  # an event's deliveries too, those of visible webhooks
    READ_INBOUND_CONFIGURATION = "read_inbound_configuration"
    CONFIGURE_INBOUND = "configure_inbound"
    READ_MESSAGES = "read_messages"
    RESUBMIT_MESSAGE = "resubmit_message"

    # one webhook
    READ_WEBHOOK = "read_webhook"
    UPDATE_WEBHOOK = "update_webhook"
    WIDEN_WEBHOOK = "widen_webhook"  # to events that it did not hear
    WIDEN_GLOBAL_WEBHOOK = "widen_global_webhook"  # the same where its scope is global then
    MOVE_WEBHOOK = "move_webhook"  # to a url of another origin, its signing secret kept
    DELETE_WEBHOOK = "delete_webhook"
    READ_SECRET = "read_secret"  # noqa: S105 - the name of an act, not a secret
    ROTATE_SECRET = "rotate_secret"  # noqa: S105 - as above; a PATCH of `secret` is one too
    READ_RIGHTS = "read_rights"
    MANAGE_RIGHTS = "manage_rights"
    READ_DELIVERIES = "read_deliveries"
    RETRY_DELIVERY = "retry_delivery"
    CANCEL_DELIVERY = "cancel_delivery"
    TEST_WEBHOOK = "test_webhook"
    SEND_EVENT = "send_event"  # and publish: it chooses what a webhook hears
    READ_STATS = "read_stats"
    RECOVER = "recover"  # start and cancel a job, and count what one would send
    READ_RECOVER_JOBS = "read_recover_jobs"


@dataclass(frozen=True, slots=True)
class OnPlatform:
    """Requires a global admin."""


@dataclass(frozen=True, slots=True)
class OnTenant:
    """Requires this level in the tenant itself; None: anybody who sees the tenant."""

    level: Level | None


@dataclass(frozen=True, slots=True)
class OnWebhook:
    """Requires this effective level on the webhook."""

    level: Level


Need = OnPlatform | OnTenant | OnWebhook

NEEDS: Mapping[Action, Need] = {
    Action.LIST_TENANTS: OnPlatform(),
    Action.CREATE_TENANT: OnPlatform(),
    Action.READ_TENANT: OnPlatform(),
    Action.UPDATE_TENANT: OnPlatform(),
    Action.DELETE_TENANT: OnPlatform(),
    Action.MANAGE_GLOBAL_ADMINS: OnPlatform(),
    Action.READ_OPERATIONS: OnPlatform(),
    Action.READ_PRINCIPALS: OnTenant(Level.ADMIN),
    Action.MANAGE_PRINCIPALS: OnTenant(Level.ADMIN),
    Action.ISSUE_CREDENTIALS: OnTenant(Level.ADMIN),
    Action.READ_EVENT_TYPES: OnTenant(Level.READ),
    Action.SAVE_EVENT_TYPE: OnTenant(Level.WRITE),
    Action.DELETE_EVENT_TYPE: OnTenant(Level.ADMIN),
    Action.LIST_WEBHOOKS: OnTenant(None),
    Action.EXPLAIN_EVENT: OnTenant(None),
    Action.LIST_TENANT_DELIVERIES: OnTenant(None),
    Action.CREATE_WEBHOOK: OnTenant(Level.WRITE),
    Action.CREATE_GLOBAL_WEBHOOK: OnTenant(Level.ADMIN),
    Action.PREVIEW_TEMPLATE: OnTenant(Level.READ),
    Action.DRY_RUN: OnTenant(Level.READ),
    Action.PUBLISH_EVENT: OnTenant(Level.WRITE),
    Action.READ_TENANT_STATS: OnTenant(Level.READ),
    Action.READ_EVENTS: OnTenant(Level.READ),
    Action.READ_INBOUND_CONFIGURATION: OnTenant(Level.ADMIN),
    Action.CONFIGURE_INBOUND: OnTenant(Level.ADMIN),
    Action.READ_MESSAGES: OnTenant(Level.READ),
    Action.RESUBMIT_MESSAGE: OnTenant(Level.WRITE),
    Action.READ_WEBHOOK: OnWebhook(Level.READ),
    Action.UPDATE_WEBHOOK: OnWebhook(Level.WRITE),
    # A level on one webhook must not turn into one on the tenant's events: it counts as creating
    # the webhook.
    Action.WIDEN_WEBHOOK: OnTenant(Level.WRITE),
    Action.WIDEN_GLOBAL_WEBHOOK: OnTenant(Level.ADMIN),
    # Nor may it be used to sign things that the receivers of its secret trust.
    Action.MOVE_WEBHOOK: OnWebhook(Level.ADMIN),
    Action.DELETE_WEBHOOK: OnWebhook(Level.ADMIN),
    Action.READ_SECRET: OnWebhook(Level.ADMIN),
    Action.ROTATE_SECRET: OnWebhook(Level.ADMIN),
    Action.READ_RIGHTS: OnWebhook(Level.ADMIN),
    Action.MANAGE_RIGHTS: OnWebhook(Level.ADMIN),
    Action.READ_DELIVERIES: OnWebhook(Level.READ),
    Action.RETRY_DELIVERY: OnWebhook(Level.WRITE),
    Action.CANCEL_DELIVERY: OnWebhook(Level.WRITE),
    Action.TEST_WEBHOOK: OnWebhook(Level.WRITE),
    Action.SEND_EVENT: OnWebhook(Level.WRITE),
    Action.READ_STATS: OnWebhook(Level.READ),
    Action.RECOVER: OnWebhook(Level.WRITE),
    Action.READ_RECOVER_JOBS: OnWebhook(Level.READ),
}
"""What each act requires (reference row IZ-9 for webhooks)."""

_SUBJECTS: Mapping[Action, str] = {
    Action.WIDEN_WEBHOOK: "Hearing more than before",
    Action.WIDEN_GLOBAL_WEBHOOK: "Hearing more than before, of all projects and entities,",
    Action.MOVE_WEBHOOK: "A url of another origin, without a new secret,",
}
"""What a refusal calls an act that is part of another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEdit:
    """Effects of an edit that may require more than the right to edit.

    ``hears_more``: events reach it that did not before. ``is_global``: its scope after the edit.
    ``moves``: calls go to another origin. ``new_secret``: it sets a signing secret.
    """

    hears_more: bool
    is_global: bool
    moves: bool
    new_secret: bool


def acts_of(edit: WebhookEdit) -> tuple[Action, ...]:
    """The acts, besides `Action.UPDATE_WEBHOOK`, that an edit amounts to; all must be allowed."""
    found = []
    if edit.hears_more:
        found.append(Action.WIDEN_GLOBAL_WEBHOOK if edit.is_global else Action.WIDEN_WEBHOOK)
    if edit.moves and not edit.new_secret:
        found.append(Action.MOVE_WEBHOOK)
    if edit.new_secret and not edit.moves:
        # At another origin only the old secret would need protecting, and it is not taken there.
        found.append(Action.ROTATE_SECRET)
    return tuple(found)


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
