"""Several stages in one account and region: what one is called is no name of another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.stack.parameters import refused
from tests.worlds.template import resources, template

NAMED: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Logs::QueryDefinition": "Name",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::Serverless::LayerVersion": "LayerName",
}
"""What a type's resources are called by; the account has each name once."""

WITHIN_OTHERS = {
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::SNS::Subscription",
}
"""Parts of a resource that has a name."""

NAMED_BY_AWS = {"AWS::IAM::Role", "AWS::KMS::Key"}
NAMED_BY_USERS = {"AWS::ApiGatewayV2::DomainName", "AWS::Route53::RecordSet"}


def names(kind: str) -> list[tuple[str, str]]:
    """What stands before the stage and after it in each name of a type."""
    given = [each[NAMED[kind]]["Fn::Sub"].split("${Stage}") for each in resources(kind).values()]
    return [(before, after) for before, after in given]


def shared_endings() -> Iterator[tuple[str, str]]:
    """A type, and what one stage's name may not have at its end where the rest is another's."""
    for kind in NAMED:
        for before, after in names(kind):
            for other_before, shorter in names(kind):
                if before == other_before and after != shorter and after.endswith(shorter):
                    yield kind, after.removesuffix(shorter)


def test_every_name_carries_its_stage() -> None:
    kinds = {each["Type"] for each in template()["Resources"].values()}
    assert kinds == {*NAMED, *WITHIN_OTHERS, *NAMED_BY_AWS, *NAMED_BY_USERS}
    for kind in NAMED:
        assert names(kind)
    assert all(each.get("Export") is None for each in template()["Outputs"].values())


def test_a_stage_whose_names_another_could_have_is_refused() -> None:
    """hookline-dev-inbound-dead-letters was the queue of `dev`, and of `dev-inbound` too."""
    endings = dict.fromkeys(shared_endings())
    assert ("AWS::SQS::Queue", "-inbound") in endings
    for _, ending in endings:
        assert refused({"Stage": f"dev{ending}"})
        assert refused({"Stage": ending.removeprefix("-")}) == []


def dimensions(value: Any) -> Iterator[list[dict[str, Any]]]:
    """Every list of dimensions, however deep."""
    if isinstance(value, dict):
        if "Dimensions" in value:
            yield value["Dimensions"]
        for each in value.values():
            yield from dimensions(each)
    elif isinstance(value, list):
        for each in value:
            yield from dimensions(each)


@pytest.mark.parametrize("alarm", sorted(resources("AWS::CloudWatch::Alarm")))
def test_an_alarm_looks_at_its_own_stage_alone(alarm: str) -> None:
    looked_at = list(dimensions(resources("AWS::CloudWatch::Alarm")[alarm]))
    assert looked_at
    for each in looked_at:
        assert any(not isinstance(one["Value"], str) for one in each), json.dumps(each)
