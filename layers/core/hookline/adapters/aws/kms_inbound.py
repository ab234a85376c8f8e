"""Providers' secrets sealed by AWS KMS, bound to tenant and provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hookline.adapters.aws.kms import Sealer
from hookline.domain.ids import TenantId
from hookline.domain.inbound.ids import ProviderId
from hookline.domain.inbound.provider import ProviderSecrets


class KmsProviderVault:
    """The port `ProviderVault`: all secrets of a provider are one JSON text, sealed as one."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def seal(self, tenant: TenantId, provider_id: ProviderId, secrets: ProviderSecrets) -> str:
        """The sealed text. That the secrets fit is checked where they are read."""
        text = json.dumps(
            {"credential": secrets.credential, "properties": dict(secrets.properties)},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        return self._sealer.seal(text, _context(tenant, provider_id))

    def open(self, tenant: TenantId, provider_id: ProviderId, sealed: str) -> ProviderSecrets:
        """One call to KMS for each provider's version and process, while the cache holds it."""
        fields: dict[str, Any] = json.loads(
            self._sealer.open(sealed, _context(tenant, provider_id))
        )
        return ProviderSecrets(fields["credential"], fields["properties"])


def _context(tenant: TenantId, provider_id: ProviderId) -> Mapping[str, str]:
    return {"tenant": tenant, "provider": provider_id}
