"""Tables and queues for tests, made from template.yaml: what is tested is what is deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.worlds.template import resources, template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

STAGE = "test"
_TABLE_PROPERTIES = (
    *("AttributeDefinitions", "KeySchema", "BillingMode"),
    *("GlobalSecondaryIndexes", "StreamSpecification"),
)


def table_name(table: str) -> str:
    """The deployed name of, say, ``webhook-health``."""
    return f"hookline-{STAGE}-{table}"


def names(kind: str, property_name: str) -> dict[str, str]:
    """The short names (``webhook-health``) of all resources of a kind, by logical id."""
    return {
        logical_id: properties[property_name]["Fn::Sub"].removeprefix("hookline-${Stage}-")
        for logical_id, properties in resources(kind).items()
    }


def create_tables(client: DynamoDBClient, *wanted: str) -> None:
    """Creates the template's tables, or those ``wanted``, with their keys, indexes and streams."""
    for name, properties in _by_name("AWS::DynamoDB::Table", "TableName").items():
        if wanted and name not in wanted:
            continue
        given = {key: on_demand(properties[key]) for key in _TABLE_PROPERTIES if key in properties}
        if "StreamSpecification" in given:
            given["StreamSpecification"] = {"StreamEnabled": True, **given["StreamSpecification"]}
        client.create_table(TableName=table_name(name), **given)


def on_demand(value: Any) -> Any:
    """A table's property with the template's defaults: by the hour is what nobody asked for."""
    match value:
        case {"Fn::If": [_, _, otherwise]}:
            return otherwise
        case dict():
            found = {name: on_demand(each) for name, each in value.items()}
            return {n: each for n, each in found.items() if each != {"Ref": "AWS::NoValue"}}
        case list():
            return [on_demand(each) for each in value]
    return value


def create_queues(client: SQSClient, *wanted: str) -> dict[str, str]:
    """Creates the template's queues, or those ``wanted``, and answers with their urls by name."""
    queues = _by_name("AWS::SQS::Queue", "QueueName")
    urls: dict[str, str] = {}
    for name in sorted(wanted or queues):
        attributes = {
            key: str(queues[name][key])
            for key in ("VisibilityTimeout", "MessageRetentionPeriod")
            if key in queues[name]
        }
        answer = client.create_queue(QueueName=table_name(name), Attributes=attributes)  # type: ignore[arg-type]  # the stubs want literal names
        urls[name] = answer["QueueUrl"]
    for name, url in urls.items():
        redrive = queues[name].get("RedrivePolicy", {})
        target = _dead_letters(redrive) if redrive else None
        if target in urls:
            arn = client.get_queue_attributes(QueueUrl=urls[target], AttributeNames=["QueueArn"])
            policy = {
                "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
                "maxReceiveCount": redrive["maxReceiveCount"],
            }
            client.set_queue_attributes(
                QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)}
            )
    return urls


def _by_name(kind: str, property_name: str) -> dict[str, Mapping[str, Any]]:
    short = names(kind, property_name)
    return {short[logical_id]: properties for logical_id, properties in resources(kind).items()}


def _dead_letters(redrive: Mapping[str, Any]) -> str:
    logical_id = redrive["deadLetterTargetArn"]["Fn::GetAtt"].partition(".")[0]
    name: str = template()["Resources"][logical_id]["Properties"]["QueueName"]["Fn::Sub"]
    return name.removeprefix("hookline-${Stage}-")
