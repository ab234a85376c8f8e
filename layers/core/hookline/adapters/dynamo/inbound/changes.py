"""Changes of the inbound configuration: PynamoDB models of its items, written in transactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from hookline.adapters.dynamo.inbound.configuration_item import (
    function_to_item,
    provider_to_item,
)
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.pynamo import PynamoTable, refused, translated
from hookline.domain.ids import ProviderId, TenantId
from hookline.domain.inbound.function import Function
from hookline.domain.inbound.provider import MAX_PROVIDERS, Provider
from hookline.domain.times import iso

_TRIES = 3
"""A provider leaves the sequence as it stands; somebody may be reordering it at the same time."""


_sequence = Path("providers")
"""The list in the item that holds the sequence."""


class _Item(Model):
    tenant = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)


class _Versioned(_Item):
    name = UnicodeAttribute()
    description = UnicodeAttribute()
    active = BooleanAttribute()
    version = NumberAttribute()
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    updated_by = UnicodeAttribute()


class ProviderItem(_Versioned):
    """A provider."""

    match: MapAttribute[str, object] = MapAttribute()  # type: ignore[no-untyped-call] # PynamoDB's own gap
    verify: MapAttribute[str, object] = MapAttribute()  # type: ignore[no-untyped-call] # PynamoDB's own gap
    challenges = UnicodeAttribute()
    respond = UnicodeAttribute(null=True)
    mode = UnicodeAttribute(null=True)
    properties = UnicodeAttribute()
    sealed_secrets = UnicodeAttribute(null=True)


class FunctionItem(_Versioned):
    """A function."""

    provider_id = UnicodeAttribute()
    uri = UnicodeAttribute()
    action: MapAttribute[str, object] = MapAttribute()  # type: ignore[no-untyped-call] # PynamoDB's own gap


class SequenceItem(_Item):
    """The order of a tenant's providers."""

    providers = ListAttribute(of=UnicodeAttribute)


class DynamoProviderChanges:
    """The port `ProviderChanges`."""

    def __init__(self, table: PynamoTable) -> None:
        self._table = table
        self._providers = table.bind(ProviderItem)
        self._sequences = table.bind(SequenceItem)

    def add(self, provider: Provider) -> bool:
        """One transaction: the provider, and its id at the sequence's end."""
        sequence = self._sequences(provider.tenant, keys.SEQUENCE_ITEM)
        with translated():
            try:
                with self._table.transaction() as transaction:
                    transaction.save(
                        _model(self._providers, provider_to_item(provider)),
                        condition=self._providers.item.does_not_exist(),
                    )
                    transaction.update(
                        sequence,
                        actions=[_sequence.set((_sequence | []).append([provider.id]))],
                        condition=_sequence.does_not_exist() | _fewer_than(MAX_PROVIDERS),
                    )
            except TransactWriteError as error:
                if not refused(error):
                    raise
                # Refused by this very provider: the reply to an earlier write got lost.
                return provider.id in self._stored(provider.tenant)
        return True

    def replace(self, before: Provider, after: Provider) -> bool:
        """One put, fenced by the version."""
        item = _model(self._providers, provider_to_item(after))
        return _put(item, _outruns(self._providers, before, after))

    def remove(self, provider: Provider) -> bool:
        """One transaction: the provider, and its id in the sequence."""
        with translated():
            for _ in range(_TRIES):
                before = self._stored(provider.tenant)
                if provider.id not in before:
                    return True  # the reply to an earlier write got lost
                try:
                    with self._table.transaction() as transaction:
                        transaction.delete(
                            self._providers(provider.tenant, provider.id),
                            condition=self._providers.version == provider.version,
                        )
                        transaction.update(
                            self._sequences(provider.tenant, keys.SEQUENCE_ITEM),
                            actions=[
                                _sequence.set([each for each in before if each != provider.id])
                            ],
                            condition=_sequence == before,
                        )
                except TransactWriteError as error:
                    if not refused(error):
                        raise
                    continue
                return True
        return False

    def reorder(
        self, tenant: TenantId, before: Sequence[ProviderId], after: Sequence[ProviderId]
    ) -> bool:
        """One update of the one item."""
        with translated():
            try:
                self._sequences(tenant, keys.SEQUENCE_ITEM).update(
                    actions=[_sequence.set(list(after))],
                    condition=_sequence == list(before),
                )
            except UpdateError as error:
                if not refused(error):
                    raise
                return self._stored(tenant) == list(after)
        return True

    def _stored(self, tenant: TenantId) -> list[str]:
        try:
            item = self._sequences.get(tenant, keys.SEQUENCE_ITEM, consistent_read=True)
        except DoesNotExist:
            return []
        return [str(each) for each in item.providers]


class DynamoFunctionChanges:
    """The port `FunctionChanges`."""

    def __init__(self, table: PynamoTable) -> None:
        self._table = table
        self._functions = table.bind(FunctionItem)
        self._providers = table.bind(ProviderItem)

    def add(self, function: Function) -> bool:
        """One transaction, on condition that the provider is there."""
        with translated():
            try:
                with self._table.transaction() as transaction:
                    transaction.condition_check(
                        self._providers,
                        function.tenant,
                        function.provider_id,
                        condition=self._providers.item.exists(),
                    )
                    transaction.save(_model(self._functions, function_to_item(function)))
            except TransactWriteError as error:
                if not refused(error):
                    raise
                return False
        return True

    def replace(self, before: Function, after: Function) -> bool:
        """One put, fenced by the version."""
        item = _model(self._functions, function_to_item(after))
        return _put(item, _outruns(self._functions, before, after))

    def remove(self, function: Function) -> bool:
        """One delete, fenced by the version; gone already is as good."""
        item = self._functions(function.tenant, function.id)
        unchanged = self._functions.version == function.version
        with translated():
            try:
                item.delete(condition=unchanged | self._functions.item.does_not_exist())
            except DeleteError as error:
                if not refused(error):
                    raise
                return False
        return True


def _model[Kind: Model](kind: type[Kind], item: Mapping[str, Any]) -> Kind:
    return kind(**{name: value for name, value in item.items() if value is not None})


def _fewer_than(limit: int) -> Condition:
    fewer: Condition = size(_sequence) < limit  # type: ignore[no-untyped-call] # PynamoDB's own gap
    return fewer


def _outruns(
    kind: type[_Versioned], before: Provider | Function, after: Provider | Function
) -> Condition:
    # Or it is this very write already: the reply to an earlier one got lost.
    itself = (kind.version == after.version) & (kind.updated_at == iso(after.updated_at))
    outrun: Condition = (kind.version == before.version) | itself
    return outrun


def _put(item: Model, condition: Condition) -> bool:
    with translated():
        try:
            item.save(condition=condition)
        except PutError as error:
            if not refused(error):
                raise
            return False
    return True
