"""Secrets sealed by AWS KMS, bound to what they belong to by the encryption context."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from hookline.adapters.aws.clients import translated
from hookline.domain.documents import strict_json
from hookline.domain.ids import TenantId

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_CACHED = 1_000
_DEEPEST = 128
"""Levels: more than a body of the API may have, which is where all of it comes from."""


class Sealer:
    """Short texts encrypted directly by a KMS key, and a bounded cache of what was opened.

    KMS encrypts 4,096 bytes (https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html).
    Whether a text fits is checked by its field's rules, which can name the field.

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


class Secrets(Protocol):
    """All that is secret about one thing, in clear, as a value of the domain."""

    def as_plain(self) -> Mapping[str, object]:
        """As one JSON object: what is sealed."""
        ...

    @classmethod
    def from_plain(cls, fields: Mapping[str, Any]) -> Self:
        """What `as_plain` made one of."""
        ...


class KmsVault[S: Secrets]:
    """The ports `Vault` and `ProviderVault`: all secrets of one thing are one JSON text.

    ``owner`` is the name in the encryption context of what they belong to, beside its tenant.
    """

    def __init__(self, sealer: Sealer, owner: str, secrets: type[S]) -> None:
        self._sealer = sealer
        self._owner = owner
        self._secrets = secrets

    def seal(self, tenant: TenantId, owner_id: str, secrets: S) -> str:
        """One call to KMS."""
        text = strict_json.dumps(secrets.as_plain())
        return self._sealer.seal(text, {"tenant": tenant, self._owner: owner_id})

    def open(self, tenant: TenantId, owner_id: str, sealed: str) -> S:
        """One call to KMS for each version and process, as long as the cache holds it."""
        text = self._sealer.open(sealed, {"tenant": tenant, self._owner: owner_id})
        plain = strict_json.loads(text, max_depth=_DEEPEST)
        return self._secrets.from_plain(cast("Mapping[str, Any]", plain))
