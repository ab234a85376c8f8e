"""Principals and their keys in the ``principals`` table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pynamodb.exceptions import DoesNotExist, TransactWriteError, UpdateError

from hookline.adapters.dynamo.identity.items import (
    KeyItem,
    PrincipalItem,
    RightItem,
    key_attributes,
    place,
    principal_attributes,
    to_key,
    to_principal,
)
from hookline.adapters.dynamo.table import keys
from hookline.adapters.dynamo.table.pynamo import PynamoTable, refused, translated
from hookline.domain.identity.identity import ApiKey, StoredPrincipal
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import iso


class DynamoPrincipals:
    """`hookline.ports.identity.Principals` and `PrincipalChanges`."""

    def __init__(self, table: PynamoTable) -> None:
        self._table = table
        self._items = self._table.bind(PrincipalItem)
        self._keys = self._table.bind(KeyItem)
        self._rights = self._table.bind(RightItem)

    def get(self, tenant: TenantId, principal_id: PrincipalId) -> StoredPrincipal | None:
        """One consistent read."""
        with translated():
            try:
                return to_principal(self._items.get(tenant, principal_id, consistent_read=True))
            except DoesNotExist:
                return None

    def page(
        self, tenant: TenantId, limit: int, before: PrincipalId | None
    ) -> tuple[Sequence[StoredPrincipal], PrincipalId | None]:
        """One query, backwards."""
        with translated():
            found = list(
                self._items.query(
                    tenant,
                    self._items.item.startswith(keys.PRINCIPAL_PREFIX),
                    consistent_read=True,
                    scan_index_forward=False,
                    limit=limit + 1,
                    last_evaluated_key=place(tenant, before),
                )
            )
        further = PrincipalId(found[limit - 1].item) if len(found) > limit else None
        return [to_principal(item) for item in found[:limit]], further

    def create(self, principal: StoredPrincipal) -> None:
        """One put; a repeat writes the same again."""
        with translated():
            self._items(**principal_attributes(principal)).save()

    def replace(
        self,
        before: StoredPrincipal,
        after: StoredPrincipal,
        *,
        new_key: ApiKey | None = None,
        gone_keys: Sequence[str] = (),
    ) -> bool:
        """One transaction, fenced by the principal's version."""
        with translated():
            try:
                with self._table.transaction() as transaction:
                    transaction.save(
                        self._items(**principal_attributes(after)),
                        condition=self._items.version == before.version,
                    )
                    if new_key is not None:
                        transaction.save(self._keys(**key_attributes(new_key)))
                    for key_id in gone_keys:
                        transaction.delete(self._keys(key_id, keys.KEY_ITEM))
            except TransactWriteError as error:
                if not refused(error):
                    raise
                # Refused by this very change: the reply to an earlier write got lost.
                return self.get(after.tenant, after.principal.id) == after
        return True

    def delete(self, principal: StoredPrincipal) -> bool:
        """One transaction for principal and keys; then its rights, which mean nothing any more."""
        tenant, principal_id = principal.tenant, principal.principal.id
        with translated():
            try:
                with self._table.transaction() as transaction:
                    transaction.delete(
                        self._items(tenant, principal_id),
                        condition=self._items.version == principal.version,
                    )
                    for key_id in principal.key_ids:
                        transaction.delete(self._keys(key_id, keys.KEY_ITEM))
            except TransactWriteError as error:
                if not refused(error):
                    raise
                return self.get(tenant, principal_id) is None
            rights = self._rights.query(
                tenant,
                self._rights.item.startswith(keys.rights_of(principal_id)),
                attributes_to_get=["owner", "item"],
            )
            with self._rights.batch_write() as batch:
                for right in rights:
                    batch.delete(right)
        return True


class DynamoApiKeys:
    """`hookline.ports.identity.ApiKeys`."""

    def __init__(self, table: PynamoTable) -> None:
        self._items = table.bind(KeyItem)

    def find(self, key_id: str) -> ApiKey | None:
        """One consistent read."""
        with translated():
            try:
                return to_key(self._items.get(key_id, keys.KEY_ITEM, consistent_read=True))
            except DoesNotExist:
                return None

    def used(self, key: ApiKey, at: datetime) -> None:
        """One update, refused when another process noted the same day already."""
        item = self._items(key.id, keys.KEY_ITEM)
        midnight = iso(at.replace(hour=0, minute=0, second=0, microsecond=0))
        earlier = self._items.last_used_at.does_not_exist() | (self._items.last_used_at < midnight)
        with translated():
            try:
                item.update(
                    actions=[self._items.last_used_at.set(iso(at))],
                    condition=self._items.owner.exists() & earlier,
                )
            except UpdateError as error:
                if not refused(error):
                    raise
