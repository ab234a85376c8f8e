"""Principals and their keys in the ``principals`` table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import conditional, translated
from hookline.adapters.dynamo.identity import items as codec
from hookline.adapters.dynamo.table import keys, reading, transactions
from hookline.adapters.dynamo.table.attributes import Item, to_wire
from hookline.domain.identity.identity import ApiKey, StoredPrincipal
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoPrincipals:
    """`hookline.ports.identity.Principals` and `PrincipalChanges`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, tenant: TenantId, principal_id: PrincipalId) -> StoredPrincipal | None:
        """One consistent read."""
        item = reading.get(self._client, self._table, keys.principal(tenant, principal_id))
        return None if item is None else codec.principal_from_item(item)

    def page(
        self, tenant: TenantId, limit: int, before: PrincipalId | None
    ) -> tuple[Sequence[StoredPrincipal], PrincipalId | None]:
        """One query, backwards."""
        after = None if before is None else keys.principal(tenant, before)
        found, further = reading.owned(
            self._client, self._table, tenant, keys.PRINCIPAL_PREFIX, limit, after
        )
        return [codec.principal_from_item(item) for item in found], (
            None if further is None else PrincipalId(further)
        )

    def create(self, principal: StoredPrincipal) -> None:
        """One put; a repeat writes the same again."""
        with translated():
            self._client.put_item(
                TableName=self._table, Item=to_wire(codec.principal_to_item(principal))
            )

    def replace(
        self,
        before: StoredPrincipal,
        after: StoredPrincipal,
        *,
        new_key: ApiKey | None = None,
        gone_keys: Sequence[str] = (),
    ) -> bool:
        """One transaction, fenced by the principal's version."""
        item = codec.principal_to_item(after)
        acts = [transactions.put(self._table, item, {"version": before.version})]
        if new_key is not None:
            acts.append(transactions.put(self._table, codec.key_to_item(new_key)))
        acts += [self._gone(keys.api_key(each)) for each in gone_keys]
        # Refused by this very change: the reply to an earlier write got lost.
        return transactions.written(self._client, acts) or (
            self.get(after.tenant, after.principal.id) == after
        )

    def delete(self, principal: StoredPrincipal) -> bool:
        """One transaction for principal and keys; then its rights, which mean nothing any more."""
        tenant, principal_id = principal.tenant, principal.principal.id
        key, stands = keys.principal(tenant, principal_id), {"version": principal.version}
        acts = [
            transactions.delete(self._table, key, stands),
            *(self._gone(keys.api_key(each)) for each in principal.key_ids),
        ]
        if not transactions.written(self._client, acts):
            return self.get(tenant, principal_id) is None
        rights = reading.query(
            self._client,
            TableName=self._table,
            **reading.beginning_with(tenant, keys.rights_of(principal_id)),
        )
        gone = (self._gone({name: each[name] for name in ("owner", "item")}) for each in rights)
        for some in batched(gone, transactions.ACTS_PER_CALL, strict=False):
            transactions.written(self._client, some)
        return True

    def _gone(self, key: Item) -> transactions.Act:
        return transactions.delete(self._table, key)


class DynamoApiKeys:
    """`hookline.ports.identity.ApiKeys`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, key_id: str) -> ApiKey | None:
        """One consistent read."""
        item = reading.get(self._client, self._table, keys.api_key(key_id))
        return None if item is None else codec.key_from_item(item)

    def used(self, key: ApiKey, at: datetime) -> None:
        """One update, refused when another process noted the same day already."""
        midnight = iso(at.replace(hour=0, minute=0, second=0, microsecond=0))
        with conditional():
            self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.api_key(key.id)),
                UpdateExpression="SET last_used_at = :at",
                ConditionExpression=(
                    "attribute_exists(#owner)"
                    " AND (attribute_not_exists(last_used_at) OR last_used_at < :midnight)"
                ),
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues=to_wire({":at": iso(at), ":midnight": midnight}),
            )
