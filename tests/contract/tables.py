"""Tables and queues for tests, made from template.yaml: what is tested is what is deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

STAGE = "test"
_TEMPLATE = Path(__file__).parents[2] / "template.yaml"
_TABLE_PROPERTIES = (
    *("AttributeDefinitions", "KeySchema", "BillingMode"),
    *("GlobalSecondaryIndexes", "StreamSpecification"),
)


def table_name(table: str) -> str:
    """The deployed name of, say, ``webhook-health``."""
    return f"hookline-{STAGE}-{table}"


def create_tables(client: DynamoDBClient, *wanted: str) -> None:
    """Creates the template's tables, or those ``wanted``, with their keys, indexes and streams."""
    for name, properties in _resources("AWS::DynamoDB::Table", "TableName").items():
        if wanted and name not in wanted:
            continue
        given = {key: properties[key] for key in _TABLE_PROPERTIES if key in properties}
        if "StreamSpecification" in given:
            given["StreamSpecification"] = {"StreamEnabled": True, **given["StreamSpecification"]}
        client.create_table(TableName=table_name(name), **given)


def create_queues(client: SQSClient, *wanted: str) -> dict[str, str]:
    """Creates the template's queues, or those ``wanted``, and answers with their urls by name."""
    queues = _resources("AWS::SQS::Queue", "QueueName")
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


@cache
def template() -> Mapping[str, Any]:
    """The template as plain data; a short-form function such as !Ref x reads as {"Ref": "x"}."""
    loaded: Mapping[str, Any] = yaml.load(_TEMPLATE.read_text(), Loader=_Loader)  # noqa: S506 - a safe loader underneath
    return loaded


def _resources(kind: str, name_property: str) -> dict[str, Mapping[str, Any]]:
    found = {}
    for resource in template()["Resources"].values():
        if resource["Type"] == kind:
            name: str = resource["Properties"][name_property]["Fn::Sub"]
            found[name.removeprefix("hookline-${Stage}-")] = resource["Properties"]
    return found


def _dead_letters(redrive: Mapping[str, Any]) -> str:
    logical_name = redrive["deadLetterTargetArn"]["Fn::GetAtt"].partition(".")[0]
    name: str = template()["Resources"][logical_name]["Properties"]["QueueName"]["Fn::Sub"]
    return name.removeprefix("hookline-${Stage}-")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, taught CloudFormation's short forms."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> object:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            return {name: loader.construct_scalar(node)}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
        case yaml.MappingNode():
            return {name: loader.construct_mapping(node, deep=True)}
    raise ValueError(f"a YAML node of another kind: {node}")


_Loader.add_multi_constructor("!", _short_form)
