"""A tenant's inbound configuration: items of ``inbound-providers``, read as one.

By the plain client: the functions that read it for each message start without PynamoDB's imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, json_of_text, text_of_json, to_wire
from hookline.domain.ids import FunctionId, PrincipalId, ProviderId, TenantId, WebhookId
from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.documents import action_document, match_document
from hookline.domain.inbound.function import Action, Forward, Function, Invoke, Publish
from hookline.domain.inbound.provider import Match, MatchExpression, MatchFunction, Provider
from hookline.domain.inbound.verify import Verify
from hookline.domain.times import from_iso, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoInboundConfigurations:
    """The port `InboundConfigurations`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def load(self, tenant: TenantId) -> Configuration:
        """One query over the tenant's partition."""
        providers: dict[str, Provider] = {}
        functions: list[Function] = []
        sequence: list[str] = []
        for item in reading.query(
            self._client,
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="tenant = :tenant",
            ExpressionAttributeValues=to_wire({":tenant": tenant}),
        ):
            name = item["item"]
            if name == keys.SEQUENCE_ITEM:
                sequence = item["providers"]
            elif name.startswith(keys.PROVIDER_PREFIX):
                providers[name] = provider_from_item(item)
            elif name.startswith(keys.FUNCTION_PREFIX):
                functions.append(function_from_item(item))
        return Configuration(
            providers=tuple(providers[name] for name in sequence if name in providers),
            functions=tuple(functions),
        )


def provider_to_item(provider: Provider) -> Item:
    """The provider; match and verification read as users wrote them, secrets only sealed."""
    return {
        "tenant": provider.tenant,
        "item": provider.id,
        "name": provider.name,
        "description": provider.description,
        "active": provider.active,
        "match": match_document(provider.match),
        "verify": dict(provider.verify.document),
        # As JSON text: headers' names are their users' own.
        "challenges": text_of_json([dict(each) for each in provider.challenges]),
        "respond": None if provider.respond is None else text_of_json(dict(provider.respond)),
        "mode": provider.mode,
        "properties": text_of_json(dict(provider.properties)),
        "sealed_secrets": provider.sealed_secrets,
        **_stamps(provider),
    }


def provider_from_item(item: Item) -> Provider:
    """The provider that `provider_to_item` made the item of."""
    return Provider(
        id=ProviderId(item["item"]),
        name=item["name"],
        description=item["description"],
        active=item["active"],
        match=_match(item["match"]),
        verify=Verify(item["verify"]),
        challenges=tuple(cast("list[Any]", json_of_text(item.get("challenges", "[]")))),
        respond=cast("Mapping[str, Any] | None", json_of_text(item.get("respond"))),
        mode=item.get("mode"),
        properties=cast("Mapping[str, object]", json_of_text(item["properties"])),
        sealed_secrets=item.get("sealed_secrets"),
        **_stamps_of(item),
    )


def function_to_item(function: Function) -> Item:
    """The function; its action reads as users wrote it."""
    return {
        "tenant": function.tenant,
        "item": function.id,
        "provider_id": function.provider_id,
        "uri": function.uri,
        "name": function.name,
        "description": function.description,
        "active": function.active,
        "when": function.when,
        "each": function.each,
        "log_message": function.log_message,
        "action": action_document(function.action),
        **_stamps(function),
    }


def function_from_item(item: Item) -> Function:
    """The function that `function_to_item` made the item of."""
    return Function(
        id=FunctionId(item["item"]),
        provider_id=ProviderId(item["provider_id"]),
        uri=item["uri"],
        name=item["name"],
        description=item["description"],
        active=item["active"],
        when=item.get("when"),
        each=item.get("each"),
        log_message=item.get("log_message"),
        action=_action(item["action"]),
        **_stamps_of(item),
    )


def _match(document: Item) -> Match:
    if "function_arn" in document:
        return MatchFunction(document["function_arn"])
    return MatchExpression(document["expression"])


def _action(document: Item) -> Action:
    match document["type"]:
        case "publish":
            return Publish(document["event"])
        case "invoke":
            return Invoke(document["function_arn"])
        case _:
            return Forward(WebhookId(document["webhook_id"]), tuple(document.get("headers", ())))


def _stamps(of: Provider | Function) -> dict[str, Any]:
    return {
        "version": of.version,
        "created_at": iso(of.created_at),
        "created_by": of.created_by,
        "updated_at": iso(of.updated_at),
        "updated_by": of.updated_by,
    }


def _stamps_of(item: Item) -> dict[str, Any]:
    return {
        "tenant": TenantId(item["tenant"]),
        "version": item["version"],
        "created_at": from_iso(item["created_at"]),
        "created_by": PrincipalId(item["created_by"]),
        "updated_at": from_iso(item["updated_at"]),
        "updated_by": PrincipalId(item["updated_by"]),
    }
