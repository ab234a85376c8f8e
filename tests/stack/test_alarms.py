"""Each alarm fires on what AWS and the functions emit when its time has come, and not before."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.sqs import Queue, SqsDeadLetters
from hookline.adapters.telemetry import Metric, Metrics
from tests.builders import a_task
from tests.stack.alarms import computed, fires, watched
from tests.stack.test_dashboard import AWS_METRICS, emitted
from tests.worlds.resources import create_queues
from tests.worlds.template import resources, template

ALARMS = resources("AWS::CloudWatch::Alarm")
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"

SECTION_10 = {
    "dead letters": {"DeadLettersAlarm", "StreamDeadLettersAlarm", "InboundDeadLettersAlarm"},
    "queue age": {f"{name}QueueAgeAlarm" for name in ("Delivery", "FanOut", "Inbound")}
    | {"RetriesWaitingAlarm"},
    "iterator age": {"IteratorAgeAlarm"},
    "in flight": {"InFlightAlarm"},
    "errors": {
        f"{name}ErrorsAlarm"
        for name in ("Api", "Fanout", "Sender", "Scheduler", "Inbound", "InboundWorker", "Gateway")
    },
    "errors that Lambda does not see": {
        f"{name}Alarm"
        for name in (
            *("SenderBroken", "SenderUnavailable", "FanoutUnavailable"),
            *("InboundWorkerBroken", "InboundWorkerUnavailable"),
        )
    },
    "throttles": {
        f"{name}ThrottlesAlarm"
        for name in (
            *("Sender", "Fanout", "InboundWorker"),
            *("Deliveries", "FanOuts", "Due", "Events"),
        )
    },
}


def name_of(alarm: dict[str, Any]) -> str:
    name: str = alarm["AlarmName"]["Fn::Sub"]
    return name.removeprefix("hookline-${Stage}-")


def at_threshold(alarm: dict[str, Any]) -> float:
    """The mildest value that breaches."""
    lower = alarm["ComparisonOperator"].startswith("LessThan")
    return float(alarm["Threshold"]) - (1 if lower else 0)


def short_of_it(alarm: dict[str, Any]) -> float:
    lower = alarm["ComparisonOperator"].startswith("LessThan")
    return float(alarm["Threshold"]) - (0 if lower else 1)


def test_every_alarm_that_was_asked_for_is_there() -> None:
    assert set().union(*SECTION_10.values()) <= set(ALARMS)


@pytest.mark.parametrize("logical_id", ALARMS)
def test_an_alarm_watches_a_metric_that_somebody_emits(logical_id: str) -> None:
    metrics = list(watched(ALARMS[logical_id]))
    assert metrics
    for metric in metrics:
        dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
        if metric["Namespace"] == "Hookline":
            outcome = dimensions.get("outcome")
            assert (metric["MetricName"], dimensions["function"], outcome) in emitted()
            assert dimensions["stage"] == {"Ref": "Stage"}
        else:
            names, expected = AWS_METRICS[metric["Namespace"]]
            assert metric["MetricName"] in names
            assert list(dimensions) in expected


@pytest.mark.parametrize("logical_id", ALARMS)
def test_an_alarm_fires_at_its_threshold_and_is_over_below_it(logical_id: str) -> None:
    alarm = ALARMS[logical_id]
    periods: int = alarm["EvaluationPeriods"]
    needed: int = alarm.get("DatapointsToAlarm", periods)
    assert fires(alarm, [at_threshold(alarm)] * needed)
    over = [short_of_it(alarm)] * (periods - needed + 1)
    assert not fires(alarm, [at_threshold(alarm)] * periods + over)


@pytest.mark.parametrize("logical_id", ALARMS)
def test_silence_is_no_alarm_but_for_the_scheduler(logical_id: str) -> None:
    silence = [None] * ALARMS[logical_id]["EvaluationPeriods"]
    assert fires(ALARMS[logical_id], silence) == (logical_id == "SchedulerSilentAlarm")


@pytest.mark.parametrize("logical_id", ALARMS)
def test_an_alarm_tells_the_topic_when_it_begins_and_ends(logical_id: str) -> None:
    alarm = ALARMS[logical_id]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
    assert alarm["AlarmDescription"]


@pytest.mark.parametrize("logical_id", ALARMS)
def test_the_runbook_says_what_to_do_about_it(logical_id: str) -> None:
    heading = re.compile(rf"^### .*`{re.escape(name_of(ALARMS[logical_id]))}`", re.MULTILINE)
    assert heading.search(OPERATIONS.read_text())


@pytest.mark.parametrize("queue", ["dead-letters", "stream-dead-letters", "inbound-dead-letters"])
def test_one_message_set_aside_is_an_alarm_until_the_queue_is_empty(
    queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    (alarm,) = (each for each in ALARMS.values() if name_of(each) == queue)
    with mock_aws():
        url = create_queues(Clients().sqs(), queue)[queue]
        queues = boto3.client("sqs")

        def visible() -> float:
            answer = queues.get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
            )
            return float(answer["Attributes"]["ApproximateNumberOfMessages"])

        assert not fires(alarm, [visible()])
        letters = SqsDeadLetters(Queue(Clients().sqs(), url))
        letters.send(a_task(), "all of its attempts failed")
        assert fires(alarm, [visible()])
        queues.purge_queue(QueueUrl=url)
        assert not fires(alarm, [visible()])


@pytest.mark.parametrize(
    ("writes", "runs", "silent"),
    [
        pytest.param(3, None, 1, id="accepted, and Lambda has nothing to tell"),
        pytest.param(3, 0, 1, id="accepted, and not fanned out"),
        pytest.param(3, 1, 0, id="accepted and fanned out"),
        pytest.param(None, 1, None, id="nothing accepted"),
        pytest.param(None, None, None, id="idle"),
    ],
)
def test_accepting_without_fanning_out_is_an_alarm_the_second_time(
    writes: float | None, runs: float | None, silent: float | None
) -> None:
    alarm = ALARMS["FanoutSilentAlarm"]
    datapoint = computed(alarm, writes=writes, runs=runs)
    assert datapoint == silent
    assert not fires(alarm, [datapoint])
    assert fires(alarm, [datapoint, None, datapoint]) == (silent == 1)


def test_lean_monitoring_leaves_all_out_and_the_emulator_what_it_would_refuse() -> None:
    told = {"ApiOwnUrlErrorsAlarm": "ByItselfWatched"}
    for name, alarm in ALARMS.items():
        told.setdefault(name, "WatchedInTheCloud" if "Metrics" in alarm else "Watched")
        assert template()["Resources"][name]["Condition"] == told[name]
    for condition in set(told.values()) - {"Watched"}:
        assert {"Condition": "Watched"} in template()["Conditions"][condition]["Fn::And"]


def test_every_queue_that_a_function_works_off_has_an_alarm_for_when_it_does_not() -> None:
    worked_off = {
        event["Properties"]["Queue"]["Fn::GetAtt"].removesuffix(".Arn")
        for function in resources("AWS::Serverless::Function").values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "SQS"
    }
    watched = {
        each["Value"]["Fn::GetAtt"].removesuffix(".QueueName")
        for name in SECTION_10["queue age"]
        for each in ALARMS[name]["Dimensions"]
    }
    assert watched == worked_off


def test_every_function_that_a_queue_or_stream_waits_for_has_an_alarm_for_throttles() -> None:
    fed = {
        name
        for name, function in resources("AWS::Serverless::Function").items()
        if any(e["Type"] in ("SQS", "DynamoDB") for e in function.get("Events", {}).values())
    }
    watched = {
        alarm["Dimensions"][0]["Value"]["Ref"]
        for alarm in ALARMS.values()
        if alarm.get("MetricName") == "Throttles"
    }
    assert watched == fed


def test_a_round_that_mends_many_is_an_alarm() -> None:
    lines: list[dict[str, Any]] = []
    metrics = Metrics(
        "scheduler",
        "dev",
        lambda: datetime(2026, 11, 22, tzinfo=UTC),
        lambda line: lines.append(json.loads(line)),
    )
    metrics.add(Metric.MENDED, 120)
    metrics.flush()
    alarm = ALARMS["MendedAlarm"]
    (line,) = lines
    watched = {each["Name"] for each in alarm["Dimensions"]}
    assert set(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) == watched
    assert fires(alarm, [line[alarm["MetricName"]]])
