"""Creates, edits, reorders and deletes inbound providers (reference rows FD-1, FD-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from hookline.domain.documents.kinds import Findings
from hookline.domain.ids import ProviderId, TenantId, new_id
from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.documents import Document, patched_provider, provider_document
from hookline.domain.inbound.fields import ReorderFields
from hookline.domain.inbound.provider import MAX_PROVIDERS, Provider, ProviderSecrets
from hookline.domain.inbound.provider_rules import read_provider
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, NotFound
from hookline.ports import Clock, Randomness
from hookline.ports.inbound import InboundConfigurations, ProviderChanges, ProviderVault
from hookline.services.inbound.edits import By, check_version, edited_meanwhile, values_of


class ManageProviders:
    """Providers and the sequence they are tried in."""

    def __init__(
        self,
        *,
        configurations: InboundConfigurations,
        changes: ProviderChanges,
        vault: ProviderVault,
        allowed_functions: AbstractSet[str],
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._configurations = configurations
        self._changes = changes
        self._vault = vault
        self._allowed_functions = allowed_functions
        self._clock = clock
        self._randomness = randomness

    def create(self, tenant: TenantId, document: Mapping[str, object], by: By) -> Document:
        """The new provider, last in the sequence. Raises Rejected, and Conflict beyond 100."""
        settings = read_provider(document, self._allowed_functions)
        now = floor_to_millis(self._clock())
        provider_id = ProviderId(new_id("prv", now, self._randomness(10)))
        provider = Provider(
            tenant=tenant,
            id=provider_id,
            created_at=now,
            created_by=by.principal,
            updated_at=now,
            updated_by=by.principal,
            **values_of(settings),
            sealed_secrets=self._sealed(tenant, provider_id, settings.secrets),
        )
        if not self._changes.add(provider):
            raise Conflict(f"A tenant has {MAX_PROVIDERS} providers at most.", "limit_reached")
        return self.get(tenant, provider.id)

    def get(self, tenant: TenantId, provider_id: ProviderId) -> Document:
        """Raises NotFound."""
        configuration = self._configurations.load(tenant)
        provider = _provider(configuration, provider_id)
        return provider_document(provider, configuration.providers.index(provider) + 1)

    def every(self, tenant: TenantId) -> Sequence[Document]:
        """All of them, in the sequence in which they are tried."""
        providers = self._configurations.load(tenant).providers
        return [provider_document(each, number) for number, each in enumerate(providers, 1)]

    def patch(
        self, tenant: TenantId, provider_id: ProviderId, patch: Mapping[str, object], by: By
    ) -> Document:
        """The provider after the merge patch. Raises NotFound, Rejected, PreconditionFailed."""
        configuration = self._configurations.load(tenant)
        before = _provider(configuration, provider_id)
        check_version(before, by)
        stored = before.secrets(self._vault.open)
        sequence = configuration.providers.index(before) + 1
        settings = read_provider(
            patched_provider(before, sequence, patch, stored), self._allowed_functions, stored
        )
        sealed = before.sealed_secrets
        if settings.secrets != stored:
            sealed = self._sealed(tenant, provider_id, settings.secrets)
        after = replace(
            before,
            version=before.version + 1,
            updated_at=floor_to_millis(self._clock()),
            updated_by=by.principal,
            sealed_secrets=sealed,
            **values_of(settings),
        )
        if not self._changes.replace(before, after):
            raise edited_meanwhile()
        return self.get(tenant, provider_id)

    def delete(self, tenant: TenantId, provider_id: ProviderId, by: By) -> None:
        """Raises NotFound, PreconditionFailed, and Conflict while it has functions."""
        configuration = self._configurations.load(tenant)
        provider = _provider(configuration, provider_id)
        check_version(provider, by)
        names = [each.name for each in configuration.functions if each.provider_id == provider_id]
        if names:
            raise Conflict(
                f"The provider has functions: {', '.join(names[:10])}. Delete them first.",
                "provider_in_use",
            )
        if not self._changes.remove(provider):
            raise edited_meanwhile()

    def reorder(self, tenant: TenantId, document: Mapping[str, object]) -> Sequence[Document]:
        """All providers in the new sequence. Raises Rejected unless ``ids`` names each once."""
        before = [each.id for each in self._configurations.load(tenant).providers]
        findings = Findings()
        ids = [ProviderId(each) for each in ReorderFields.read(document, findings).ids]
        if sorted(ids) != sorted(before) and not findings.touch("ids"):
            findings.add("ids", "must name every provider of the tenant once")
        findings.settle()
        if not self._changes.reorder(tenant, before, ids):
            raise Conflict(
                "The sequence was changed meanwhile. Read it and try again.", "edit_conflict"
            )
        return self.every(tenant)

    def _sealed(
        self, tenant: TenantId, provider_id: ProviderId, secrets: ProviderSecrets
    ) -> str | None:
        if secrets == ProviderSecrets():
            return None
        return self._vault.seal(tenant, provider_id, secrets)


def _provider(configuration: Configuration, provider_id: ProviderId) -> Provider:
    provider = configuration.provider(provider_id)
    if provider is None:
        raise NotFound
    return provider
