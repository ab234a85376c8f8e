"""Reads a webhook's signing secret, and replaces it with an overlap."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hookline.domain.identity.rights import Principal
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.times import floor_to_millis
from hookline.domain.webhook.secrets import fit_together
from hookline.domain.webhook.signing import (
    DEFAULT_OVERLAP,
    SECRET_BYTES,
    new_secret,
    public_key_of,
    secret_for,
    validate_secret,
)
from hookline.errors import Conflict, FieldError, NotFound, Rejected
from hookline.ports import Clock, Randomness
from hookline.ports.webhooks import Saved, Vault, WebhookChanges, Webhooks
from hookline.services.webhook.operational_events import Announce, tell_of_edit

_TRIES = 3


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """The current secret and, while it still signs, the previous one."""

    secret: str = field(repr=False)
    previous_secret: str | None = field(default=None, repr=False)
    previous_expires_at: datetime | None = None


class RotateSecret:
    """During the overlap both secrets sign, so that receivers can change over without a gap.

    ``updated`` announces the webhook's new version, as for any other edit.
    """

    def __init__(
        self,
        *,
        webhooks: Webhooks,
        changes: WebhookChanges,
        vault: Vault,
        updated: Announce,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._webhooks = webhooks
        self._changes = changes
        self._vault = vault
        self._updated = updated
        self._clock = clock
        self._randomness = randomness

    def read(self, tenant: TenantId, webhook_id: WebhookId) -> SigningSecrets:
        """Raises NotFound."""
        webhook = self._webhooks.get(tenant, webhook_id)
        if webhook is None:
            raise NotFound
        secrets = self._vault.open(tenant, webhook_id, webhook.sealed_secrets)
        if len(secrets.signing_at(self._clock())) == 1:
            return SigningSecrets(secrets.signing)
        return SigningSecrets(
            secrets.signing, secrets.previous_signing, secrets.previous_expires_at
        )

    def __call__(
        self,
        principal: Principal,
        tenant: TenantId,
        webhook_id: WebhookId,
        secret: str | None = None,
        overlap: timedelta = DEFAULT_OVERLAP,
    ) -> SigningSecrets:
        """``secret`` or a new one signs from now on, and the previous one too for ``overlap``.

        A rotation within an overlap ends that overlap. Raises Rejected, NotFound, Conflict.
        """
        fresh = new_secret(self._randomness(SECRET_BYTES))
        for _ in range(_TRIES):
            webhook = self._webhooks.get(tenant, webhook_id)
            if webhook is None:
                raise NotFound
            signing = secret or secret_for(webhook.signatures, fresh)
            if problem := validate_secret(signing, webhook.signatures):
                raise Rejected([FieldError("secret", problem)])
            now = floor_to_millis(self._clock())
            secrets = self._vault.open(tenant, webhook_id, webhook.sealed_secrets)
            rotated = replace(
                secrets,
                signing=signing,
                previous_signing=secrets.signing if overlap else None,
                previous_expires_at=now + overlap if overlap else None,
            )
            if not fit_together(rotated):
                detail = "all secrets of a webhook together must fit 4,000 bytes"
                raise Rejected([FieldError("secret", detail)])
            after = replace(
                webhook,
                sealed_secrets=self._vault.seal(tenant, webhook_id, rotated),
                public_key=public_key_of(signing, webhook.signatures),
                version=webhook.version + 1,
                updated_at=now,
                updated_by=principal.id,
            )
            if isinstance(self._changes.replace(webhook, after), Saved):
                tell_of_edit(self._updated, after, now)
                return SigningSecrets(
                    signing, rotated.previous_signing, rotated.previous_expires_at
                )
        raise Conflict("The webhook is being edited by others too. Try again.", "edit_conflict")
