"""Creates, edits and deletes inbound functions, each bound to one provider (reference row FD-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from hookline.domain.ids import FunctionId, TenantId, WebhookId, is_id, new_id
from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.documents import Document, function_document, patched
from hookline.domain.inbound.function import MAX_FUNCTIONS, MAX_FUNCTIONS_OF_URI, Forward, Function
from hookline.domain.inbound.function_rules import FunctionSettings, read_function
from hookline.domain.times import floor_to_millis
from hookline.errors import Conflict, FieldError, NotFound, Rejected
from hookline.ports import Clock, Randomness
from hookline.ports.inbound import FunctionChanges, InboundConfigurations
from hookline.ports.webhooks import Webhooks
from hookline.services.inbound.edits import By, check_version, edited_meanwhile, values_of


class ManageFunctions:
    """Functions; each stays with its provider."""

    def __init__(
        self,
        *,
        configurations: InboundConfigurations,
        changes: FunctionChanges,
        webhooks: Webhooks,
        allowed_functions: AbstractSet[str],
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._configurations = configurations
        self._changes = changes
        self._webhooks = webhooks
        self._allowed_functions = allowed_functions
        self._clock = clock
        self._randomness = randomness

    def create(self, tenant: TenantId, document: Mapping[str, object], by: By) -> Document:
        """The new function. Raises Rejected, and Conflict beyond what a tenant may have."""
        configuration = self._configurations.load(tenant)
        settings = read_function(
            document, self._allowed_functions, lambda it: self._misfits(tenant, it, configuration)
        )
        if len(configuration.functions) >= MAX_FUNCTIONS:
            raise Conflict(f"A tenant has {MAX_FUNCTIONS} functions at most.", "limit_reached")
        now = floor_to_millis(self._clock())
        function = Function(
            tenant=tenant,
            id=FunctionId(new_id("fn", now, self._randomness(10))),
            created_at=now,
            created_by=by.principal,
            updated_at=now,
            updated_by=by.principal,
            **values_of(settings),
        )
        if not self._changes.add(function):
            raise Rejected([_no_such_provider()])
        return function_document(function)

    def get(self, tenant: TenantId, function_id: FunctionId) -> Document:
        """Raises NotFound."""
        return function_document(_function(self._configurations.load(tenant), function_id))

    def every(self, tenant: TenantId) -> Sequence[Document]:
        """All of them, newest first."""
        functions = self._configurations.load(tenant).functions
        return [
            function_document(each)
            for each in sorted(functions, key=lambda each: each.id, reverse=True)
        ]

    def patch(
        self, tenant: TenantId, function_id: FunctionId, patch: Mapping[str, object], by: By
    ) -> Document:
        """The function after the merge patch. Raises NotFound, Rejected, PreconditionFailed."""
        configuration = self._configurations.load(tenant)
        before = _function(configuration, function_id)
        check_version(before, by)
        settings = read_function(
            patched(function_document(before), patch),
            self._allowed_functions,
            lambda it: self._misfits(tenant, it, configuration, before),
        )
        after = replace(
            before,
            version=before.version + 1,
            updated_at=floor_to_millis(self._clock()),
            updated_by=by.principal,
            **values_of(settings),
        )
        if not self._changes.replace(before, after):
            raise edited_meanwhile()
        return function_document(after)

    def delete(self, tenant: TenantId, function_id: FunctionId, by: By) -> None:
        """Raises NotFound and PreconditionFailed."""
        function = _function(self._configurations.load(tenant), function_id)
        check_version(function, by)
        if not self._changes.remove(function):
            raise edited_meanwhile()

    def _misfits(
        self,
        tenant: TenantId,
        settings: FunctionSettings,
        configuration: Configuration,
        before: Function | None = None,
    ) -> Sequence[FieldError]:
        """What does not fit the tenant's providers, functions and webhooks."""
        errors: list[FieldError] = []
        if before is not None and settings.provider_id != before.provider_id:
            errors.append(FieldError("provider_id", "cannot be changed"))
        elif configuration.provider(settings.provider_id) is None:
            errors.append(_no_such_provider())
        beside = [
            each
            for each in configuration.functions
            if each != before
            and (each.provider_id, each.uri) == (settings.provider_id, settings.uri)
        ]
        if len(beside) >= MAX_FUNCTIONS_OF_URI:
            errors.append(
                FieldError("uri", f"has {MAX_FUNCTIONS_OF_URI} functions of this provider already")
            )
        action = settings.action
        if isinstance(action, Forward) and not self._is_webhook(tenant, action.webhook_id):
            errors.append(FieldError("action.webhook_id", "names no webhook of this tenant"))
        return errors

    def _is_webhook(self, tenant: TenantId, webhook_id: WebhookId) -> bool:
        # Only an id is looked up: an empty text cannot be a key.
        return is_id("wh", webhook_id) and self._webhooks.get(tenant, webhook_id) is not None


def _function(configuration: Configuration, function_id: FunctionId) -> Function:
    for function in configuration.functions:
        if function.id == function_id:
            return function
    raise NotFound


def _no_such_provider() -> FieldError:
    return FieldError("provider_id", "names no provider of this tenant")
