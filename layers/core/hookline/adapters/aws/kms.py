"""Secrets sealed by AWS KMS, bound to what they belong to by the encryption context."""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.clients import translated
from hookline.domain.documents import strict_json
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.times import from_iso
from hookline.domain.webhook.webhook import WebhookSecrets

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_CACHED = 1_000


class Sealer:
    """Short texts encrypted directly by a KMS key, and a bounded cache of what was opened.

    KMS encrypts 4,096 bytes (https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html).
    That a text fits is for the rules of its secrets to see to: they can name the field.

    The cache is keyed by ciphertext and context: a text that was changed has another ciphertext,
    so nothing in it goes stale. Safe to share between threads.
    """

    def __init__(self, client: KMSClient, key_id: str, cached: int = _CACHED) -> None:
        self._client = client
        self._key_id = key_id
        self._cached = cached
        self._opened: OrderedDict[tuple[str, tuple[tuple[str, str], ...]], str] = OrderedDict()
        self._lock = Lock()

    def seal(self, text: str, context: Mapping[str, str]) -> str:
        """The ciphertext as base64."""
        with translated():
            answer = self._client.encrypt(
                KeyId=self._key_id, Plaintext=text.encode(), EncryptionContext=context
            )
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        """The text, which opens only in the context it was sealed in."""
        name = sealed, tuple(sorted(context.items()))
        with self._lock:
            if name in self._opened:
                self._opened.move_to_end(name)
                return self._opened[name]
        with translated():
            answer = self._client.decrypt(
                KeyId=self._key_id,
                CiphertextBlob=base64.b64decode(sealed),
                EncryptionContext=context,
            )
        text = answer["Plaintext"].decode()
        with self._lock:
            self._opened[name] = text
            while len(self._opened) > self._cached:
                self._opened.popitem(last=False)
        return text


class KmsVault:
    """The port `Vault`: all secrets of a webhook are one JSON text, sealed as one."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def seal(self, tenant: TenantId, webhook_id: WebhookId, secrets: WebhookSecrets) -> str:
        """One call to KMS."""
        text = strict_json.dumps(secrets.as_plain())
        return self._sealer.seal(text, _context(tenant, webhook_id))

    def open(self, tenant: TenantId, webhook_id: WebhookId, sealed: str) -> WebhookSecrets:
        """One call to KMS for each webhook's version and process, as long as the cache holds it."""
        return _from_text(self._sealer.open(sealed, _context(tenant, webhook_id)))


def _context(tenant: TenantId, webhook_id: WebhookId) -> Mapping[str, str]:
    return {"tenant": tenant, "webhook": webhook_id}


def _from_text(text: str) -> WebhookSecrets:
    fields: dict[str, Any] = json.loads(text)
    expires = fields.get("previous_expires_at")
    return WebhookSecrets(
        signing=fields["signing"],
        previous_signing=fields.get("previous_signing"),
        previous_expires_at=from_iso(expires) if expires else None,
        credential=fields.get("credential"),
        headers=fields.get("headers", {}),
    )
