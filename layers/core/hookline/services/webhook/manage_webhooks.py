"""Creates, edits and deletes webhooks, under the rules of `hookline.domain.webhook.document`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from hookline.domain.identity.acts import Action, WebhookEdit, acts_of
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import TenantId, WebhookId, new_id
from hookline.domain.mask import MASK
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.document import patched, webhook_of
from hookline.domain.webhook.health import Health
from hookline.domain.webhook.hearing import hears_more
from hookline.domain.webhook.rules import Record
from hookline.domain.webhook.secrets import Kept
from hookline.domain.webhook.signing import SECRET_BYTES, new_secret
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import Webhook
from hookline.errors import (
    Conflict,
    FieldError,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unavailable,
)
from hookline.ports import Clock, Randomness
from hookline.ports.webhooks import (
    CountedWebhooks,
    NameTaken,
    Vault,
    VersionChanged,
    WebhookChanges,
    WebhookHealth,
)
from hookline.services.identity.authorize import Gate
from hookline.services.webhook.health import change_health
from hookline.services.webhook.operational_events import tell_of_edit

_LOG = logging.getLogger("hookline.api")

_ID_RANDOM_BYTES = 10
_TRIES = 3
"""An edit that another one overtook is applied again to what is stored then."""


class MayAlso(Gate, Protocol):
    """Rights that an act turns out to need besides; in production `Authorize`."""

    def becomes_admin(self, creator: Principal, tenant: TenantId, webhook_id: WebhookId) -> None:
        """Makes the creator admin of the webhook (reference row IZ-9)."""
        ...


class WebhookAnnouncements(Protocol):
    """Tells whoever subscribes to operational events that a webhook changed."""

    def created(self, webhook: Webhook, at: datetime) -> None:
        """Accepts ``hookline.webhook.created``."""
        ...

    def updated(self, webhook: Webhook, at: datetime) -> None:
        """Accepts ``hookline.webhook.updated``."""
        ...

    def deleted(self, webhook: Webhook, at: datetime) -> None:
        """Accepts ``hookline.webhook.deleted``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStores:
    """Where webhooks are kept."""

    webhooks: CountedWebhooks
    changes: WebhookChanges
    vault: Vault
    health: WebhookHealth


@dataclass(frozen=True, slots=True)
class Created:
    """The new webhook, and its signing secret, shown this once."""

    webhook: Webhook
    secret: str


class ManageWebhooks:
    """Creates, edits and deletes webhooks. Routes check the rights to these acts.

    A tenant may have ``most`` webhooks; concurrent creations may exceed that. ``switched_on`` is
    called for a webhook that was off (`ReleaseOnceEnabled`).
    """

    def __init__(
        self,
        *,
        stores: WebhookStores,
        rules: Surroundings,
        most: int,
        authorize: MayAlso,
        announce: WebhookAnnouncements,
        switched_on: Callable[[Webhook], None],
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._stores = stores
        self._rules = rules
        self._most = most
        self._authorize = authorize
        self._announce = announce
        self._switched_on = switched_on
        self._clock = clock
        self._randomness = randomness

    def create(
        self, principal: Principal, tenant: TenantId, document: Mapping[str, object]
    ) -> Created:
        """Raises Rejected, Forbidden for a global scope, Conflict for a name or a limit."""
        now = floor_to_millis(self._clock())
        record = Record(
            tenant=tenant,
            id=WebhookId(new_id("wh", now, self._randomness(_ID_RANDOM_BYTES))),
            version=1,
            created_at=now,
            created_by=principal.id,
            updated_at=now,
            updated_by=principal.id,
        )
        webhook, secrets = webhook_of(
            document, record, self._rules, fresh_secret=self._fresh_secret()
        )
        if webhook.scope.is_global:
            self._authorize(principal, tenant, Action.CREATE_GLOBAL_WEBHOOK)
        if self._stores.webhooks.count(tenant) >= self._most:
            raise Conflict(f"A tenant has {self._most} webhooks at most.", "limit_reached")
        sealed = self._stores.vault.seal(tenant, webhook.id, secrets)
        webhook = replace(webhook, sealed_secrets=sealed)
        # Before the webhook: a level on a webhook that was never created does no harm.
        self._authorize.becomes_admin(principal, tenant, webhook.id)
        if isinstance(self._stores.changes.create(webhook), NameTaken):
            raise _name_taken(webhook)
        tell_of_edit(self._announce.created, webhook, now)
        return Created(webhook, secrets.signing)

    def get(self, tenant: TenantId, webhook_id: WebhookId) -> Webhook:
        """Raises NotFound."""
        webhook = self._stores.webhooks.get(tenant, webhook_id)
        if webhook is None:
            raise NotFound
        return webhook

    def patch(
        self,
        principal: Principal,
        tenant: TenantId,
        webhook_id: WebhookId,
        patch: Mapping[str, object],
        if_match: str | None = None,
    ) -> Webhook:
        """The webhook after the merge patch.

        Raises Rejected, Conflict, PreconditionFailed if ``if_match`` is not its version, and
        Forbidden if the patch requires more than the right to edit.
        """
        if patch.get("secret", MASK) is None:
            raise Rejected([FieldError("secret", "cannot be removed: rotate it instead")])
        for _ in range(_TRIES):
            before = self._current(tenant, webhook_id, if_match)
            after, edit = self._edited(principal, before, patch)
            for action in acts_of(edit):
                self._authorize(principal, tenant, action, webhook_id)
            match self._stores.changes.replace(before, after):
                case NameTaken():
                    raise _name_taken(after)
                case VersionChanged():
                    continue
            if after.enabled and not before.enabled:
                self._switched_on(after)
                self._forget_why_disabled(after)
            if after.filter != before.filter:
                self._change_health(after, _without_filter_failures)
            tell_of_edit(self._announce.updated, after, after.updated_at)
            return after
        raise Conflict("The webhook is being edited by others too. Try again.", "edit_conflict")

    def delete(self, tenant: TenantId, webhook_id: WebhookId, if_match: str | None = None) -> None:
        """Raises NotFound, and PreconditionFailed if ``if_match`` is not its version."""
        for _ in range(_TRIES):
            webhook = self._current(tenant, webhook_id, if_match)
            self._have_deliveries_cancelled(webhook)
            if not isinstance(self._stores.changes.delete(webhook), VersionChanged):
                tell_of_edit(self._announce.deleted, webhook, self._clock())
                return
        raise Conflict("The webhook is being edited by others too. Try again.", "edit_conflict")

    def _current(self, tenant: TenantId, webhook_id: WebhookId, if_match: str | None) -> Webhook:
        webhook = self.get(tenant, webhook_id)
        if if_match is not None and if_match != str(webhook.version):
            raise PreconditionFailed(f"The webhook is at version {webhook.version}.")
        return webhook

    def _edited(
        self, principal: Principal, before: Webhook, patch: Mapping[str, object]
    ) -> tuple[Webhook, WebhookEdit]:
        now = floor_to_millis(self._clock())
        vault = self._stores.vault
        kept = Kept(
            before, vault.open(before.tenant, before.id, before.sealed_secrets), self._rules
        )
        record = Record(
            tenant=before.tenant,
            id=before.id,
            version=before.version + 1,
            created_at=before.created_at,
            created_by=before.created_by,
            updated_at=now,
            updated_by=principal.id,
        )
        after, secrets = webhook_of(
            patched(before, patch), record, self._rules, fresh_secret="", kept=kept
        )
        edit = WebhookEdit(
            hears_more=hears_more(before, after),
            is_global=after.scope.is_global,
            moves=after.url != before.url and not kept.at_origin_of(after.url),
            new_secret=patch.get("secret", MASK) != MASK,
        )
        if secrets == kept.secrets:
            return replace(after, sealed_secrets=before.sealed_secrets), edit
        sealed = vault.seal(before.tenant, before.id, secrets)
        return replace(after, sealed_secrets=sealed), edit

    def _forget_why_disabled(self, webhook: Webhook) -> None:
        self._change_health(webhook, self._without_reason)

    def _change_health(self, webhook: Webhook, change: Callable[[Health], Health | None]) -> None:
        try:
            change_health(self._stores.health, webhook.tenant, webhook.id, change)
        except Unavailable:
            # The edit is stored, and must still be announced. A reason is only shown while it is
            # off.
            _LOG.warning("webhook.health_kept", extra={"webhook": webhook.id}, exc_info=True)

    def _without_reason(self, health: Health) -> Health | None:
        webhook = self._stores.webhooks.get(health.tenant, health.webhook_id)
        # It is already off again: that reason is newer.
        if health.disabled_reason is None or webhook is None or not webhook.enabled:
            return None
        return replace(health, disabled_reason=None)

    def _have_deliveries_cancelled(self, webhook: Webhook) -> None:
        """Makes the scheduler's round visit the webhook, which then finds it deleted.

        Before the deletion, since nobody would do it after a crash; if the webhook stays, it has no
        effect.
        """
        now = self._clock()
        change_health(
            self._stores.health,
            webhook.tenant,
            webhook.id,
            lambda health: replace(health, has_waiting=True, waiting_marked_at=now),
        )

    def _fresh_secret(self) -> str:
        return new_secret(self._randomness(SECRET_BYTES))


def _without_filter_failures(health: Health) -> Health | None:
    if not health.filter_failures:
        return None
    return replace(health, filter_failures=0, filter_failure=None, filter_failed_at=None)


def _name_taken(webhook: Webhook) -> Conflict:
    # The same words whether or not the caller may see the other webhook.
    return Conflict(f"Another webhook of this tenant has the name {webhook.name!r}.", "name_taken")
