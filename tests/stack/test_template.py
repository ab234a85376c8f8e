"""Rules of template.yaml that no linter knows."""

from __future__ import annotations

import re

import pytest

from tests.worlds.resources import on_demand
from tests.worlds.template import TEMPLATE, resources, statements, template

FUNCTIONS = resources("AWS::Serverless::Function")
ROLES = resources("AWS::IAM::Role")
QUEUES = resources("AWS::SQS::Queue")
TABLES = resources("AWS::DynamoDB::Table")
SQS_FACTOR = 6
"""AWS Lambda, "Using Lambda with Amazon SQS": visibility >= six times the function's timeout."""


def test_only_tracing_and_lists_may_touch_everything() -> None:
    """AWS knows no resources for these: X-Ray's segments, and lists of names."""
    everything = [
        (role, statement["Action"])
        for role, properties in ROLES.items()
        for statement in statements(properties)
        if "*" in statement["Resource"] or statement["Resource"] == "*"
    ]
    assert {tuple(action) for _, action in everything} == {
        ("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
        ("sqs:ListQueues", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"),
        (
            *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
            "ec2:DeleteNetworkInterface",
            *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
        ),
    }


def test_every_arn_is_of_the_stacks_own_partition() -> None:
    text = TEMPLATE.read_text()
    arns = re.findall(r"arn:[^\s\"]*", text.partition("\nMappings:")[2])
    assert arns
    assert [arn for arn in arns if not arn.startswith("arn:${AWS::Partition}:")] == []
    assert "amazonaws.com" not in re.sub(
        r"(?:lambda|apigateway)\.amazonaws\.com|Domain: .*", "", text
    )


@pytest.mark.parametrize("role", ROLES)
def test_every_role_keeps_within_the_accounts_boundary(role: str) -> None:
    bounded, by, otherwise = ROLES[role]["PermissionsBoundary"]["Fn::If"]
    assert (bounded, by) == ("Bounded", {"Ref": "PermissionsBoundaryArn"})
    assert otherwise == {"Ref": "AWS::NoValue"}


def test_what_calls_users_endpoints_goes_out_from_their_vpc_and_may_join_it() -> None:
    inside = {name for name, function in FUNCTIONS.items() if "VpcConfig" in function}
    assert inside == {"SenderFunction", "InboundWorkerFunction"}
    joining = {
        role
        for role, properties in ROLES.items()
        for statement in statements(properties)
        if "ec2:CreateNetworkInterface" in statement["Action"]
    }
    assert joining == {"SenderRole", "InboundWorkerRole"}


def test_no_policy_names_actions_by_wildcard() -> None:
    actions = [
        action
        for properties in ROLES.values()
        for statement in statements(properties)
        for action in _listed(statement["Action"])
    ]
    assert actions
    assert [action for action in actions if "*" in action] == []


KEPT = [
    name
    for name, resource in template()["Resources"].items()
    if resource["Type"].partition("AWS::")[2].partition("::")[0]
    in {"DynamoDB", "KMS", "S3", "SecretsManager"}
]


@pytest.mark.parametrize("name", KEPT)
def test_what_cannot_be_made_again_outlives_its_stack(name: str) -> None:
    resource = template()["Resources"][name]
    # A first deploy that fails leaves nothing behind, or the next one would find the names taken.
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


OPENS = {
    "ApiRole": {"webhook", "provider", "idempotency"},
    "SenderRole": {"webhook"},
    "InboundRole": {"provider"},
    "InboundWorkerRole": {"provider"},
}
"""Whose secrets each function has to do with: the names in the encryption contexts it uses."""


def test_a_function_decrypts_only_what_belongs_to_its_kind_of_thing() -> None:
    found = {}
    for role, properties in ROLES.items():
        for statement in statements(properties):
            if any(action.startswith("kms:") for action in _listed(statement["Action"])):
                emulated, nothing, condition = statement["Condition"]["Fn::If"]
                assert (emulated, nothing) == ("Emulated", {"Ref": "AWS::NoValue"})
                (names,) = condition["ForAnyValue:StringEquals"].values()
                found[role] = set(names)
    assert found == OPENS


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_on_demand_restorable_and_forgets(name: str) -> None:
    table = TABLES[name]
    assert on_demand(table["BillingMode"]) == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert "Fn::If" in table["DeletionProtectionEnabled"]


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_keeps_messages_as_long_as_sqs_can(name: str) -> None:
    assert QUEUES[name]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_a_message_stays_hidden_for_six_timeouts_of_who_handles_it() -> None:
    seen = 0
    for function in FUNCTIONS.values():
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                queue = QUEUES[event["Properties"]["Queue"]["Fn::GetAtt"].removesuffix(".Arn")]
                assert queue["VisibilityTimeout"] >= SQS_FACTOR * function["Timeout"]
                assert "RedrivePolicy" in queue
                assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
                seen += 1
    assert seen == 4


def test_only_the_sender_goes_round_for_as_long_as_it_takes() -> None:
    """Lambda drops what comes by a function for the 17th time by way of SQS. Fan-out sends itself
    what comes from the stream, once; the inbound worker a message that is tried five times, once in
    eight. A delivery may be attempted for ten days."""
    go_round = {
        name
        for name, function in FUNCTIONS.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "SQS"
        and event["Properties"]["Queue"] in _resources_of(name, "sqs:SendMessage")
    }
    assert go_round == {"SenderFunction", "FanoutFunction", "InboundWorkerFunction"}
    allowed = {name: function.get("RecursiveLoop") for name, function in FUNCTIONS.items()}
    assert allowed == dict.fromkeys(FUNCTIONS) | {"SenderFunction": "Allow"}


def test_the_stream_never_gives_up_before_its_records_expire() -> None:
    stream = FUNCTIONS["FanoutFunction"]["Events"]["Accepted"]["Properties"]
    assert "MaximumRetryAttempts" not in stream
    assert "MaximumRecordAgeInSeconds" not in stream
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_every_function_has_a_role_and_a_log_of_its_own() -> None:
    roles = [function["Role"]["Fn::GetAtt"] for function in FUNCTIONS.values()]
    logs = [function["LoggingConfig"]["LogGroup"]["Ref"] for function in FUNCTIONS.values()]
    assert len(set(roles)) == len(set(logs)) == len(FUNCTIONS)
    for log in resources("AWS::Logs::LogGroup").values():
        assert log["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_parameter_says_what_it_means_and_has_a_default() -> None:
    for name, parameter in template()["Parameters"].items():
        assert parameter["Description"], name
        assert "Default" in parameter, name


def _resources_of(function: str, action: str) -> list[object]:
    """What its role may do this with."""
    role = ROLES[FUNCTIONS[function]["Role"]["Fn::GetAtt"].removesuffix(".Arn")]
    found: list[object] = []
    for statement in statements(role):
        if action in _listed(statement["Action"]):
            named = statement["Resource"]
            found += named if isinstance(named, list) else [named]
    return found


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_an_update_changes_who_reads_the_stream_before_who_writes_events() -> None:
    """The version before would set aside what a later one stores otherwise."""
    whole = template()["Resources"]
    writers = {
        name
        for name, resource in whole.items()
        if resource["Type"] == "AWS::Serverless::Function"
        and "EVENTS_TABLE" in resource["Properties"]["Environment"]["Variables"]
    } - {"FanoutFunction"}
    assert writers == {name for name in whole if whole[name].get("DependsOn") == "FanoutFunction"}


def test_whatever_is_paid_by_the_hour_follows_the_load() -> None:
    """A table and an index that nobody scales throttle what they were not made for."""
    expected = {
        (f"{place}/index/{index['IndexName']}" if index else place, f"{kind}CapacityUnits")
        for name, table in TABLES.items()
        if "ProvisionedThroughput" in table
        for place in [f"table/${{{name}}}"]
        for index in [None, *table.get("GlobalSecondaryIndexes", ())]
        for kind in ("Read", "Write")
    }
    targets = resources("AWS::ApplicationAutoScaling::ScalableTarget")
    found = {
        (each["ResourceId"]["Fn::Sub"], each["ScalableDimension"].rpartition(":")[2])
        for each in targets.values()
    }
    assert found == expected
    policies = resources("AWS::ApplicationAutoScaling::ScalingPolicy").values()
    assert {each["ScalingTargetId"]["Ref"] for each in policies} == set(targets)
    for each in policies:
        assert each["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70
