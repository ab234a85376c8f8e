"""Every act of the API, and the level that each takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """Each level includes those before it. Not ordered as text: use `includes`."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, other: Level) -> bool:
        """Whether this level is at least ``other``."""
        ascending = tuple(Level)
        return ascending.index(self) >= ascending.index(other)


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
