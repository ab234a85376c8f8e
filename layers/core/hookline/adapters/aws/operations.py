"""Queues and alarms of this stack, found by the names that the template gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.clients import translated
from hookline.ports.operations import AlarmState, QueueState

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

    from hookline.ports import Clock

_UP = ("ACTIVE", "UPDATING")
"""A table is read and written while it is updated, too."""

_MEASURED = timedelta(minutes=15)
"""SQS reports the age of its oldest message about once in five minutes."""


class AwsOperations:
    """The port `Operations`, for the stack whose resources' names begin with ``prefix``.

    A look at the queues is one request for each and one for their ages, which CloudWatch bills at
    $0.01 per 1,000 queues; alarms are free to read.
    """

    def __init__(
        self,
        sqs: SQSClient,
        cloudwatch: CloudWatchClient,
        dynamodb: DynamoDBClient,
        prefix: str,
        clock: Clock,
    ) -> None:
        self._sqs = sqs
        self._dynamodb = dynamodb
        self._cloudwatch = cloudwatch
        self._prefix = prefix
        self._fanout = f"{prefix}fanout"
        self._clock = clock

    def queues(self) -> Sequence[QueueState]:
        """Those whose names begin with the prefix."""
        with translated():
            urls = self._sqs.list_queues(QueueNamePrefix=self._prefix).get("QueueUrls", [])
            counted = {url.rpartition("/")[2]: self._counts(url) for url in sorted(urls)}
            ages = self._ages(list(counted)) if counted else {}
        return [
            QueueState(name, visible, in_flight, ages.get(name))
            for name, (visible, in_flight) in counted.items()
        ]

    def alarms(self) -> Sequence[AlarmState]:
        """As the queues."""
        found: list[AlarmState] = []
        more: dict[str, Any] = {}
        while True:
            with translated():
                page = self._cloudwatch.describe_alarms(AlarmNamePrefix=self._prefix, **more)
            found.extend(
                AlarmState(
                    alarm["AlarmName"], alarm["StateValue"], alarm.get("StateUpdatedTimestamp")
                )
                for alarm in page["MetricAlarms"]
            )
            if not page.get("NextToken"):
                return sorted(found, key=lambda alarm: alarm.name)
            more = {"NextToken": page["NextToken"]}

    def table_is_up(self, name: str) -> bool:
        """As the port says."""
        with translated():
            try:
                table = self._dynamodb.describe_table(TableName=name)["Table"]
            except self._dynamodb.exceptions.ResourceNotFoundException:
                return False
        return table["TableStatus"] in _UP

    def stream_age(self) -> int | None:
        """As the port says: Lambda measures it where fan-out reads."""
        with translated():
            found = self._newest("AWS/Lambda", "IteratorAge", "FunctionName", [self._fanout])
        milliseconds = found.get(self._fanout)
        return None if milliseconds is None else int(milliseconds / 1000)

    def _counts(self, url: str) -> tuple[int, int]:
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        return (
            int(attributes["ApproximateNumberOfMessages"]),
            int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        )

    def _ages(self, names: Sequence[str]) -> Mapping[str, int]:
        found = self._newest("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", names)
        return {name: int(age) for name, age in found.items()}

    def _newest(
        self, namespace: str, metric: str, dimension: str, names: Sequence[str]
    ) -> Mapping[str, float]:
        """Each one's newest maximum of a minute, of those that were measured."""
        now = self._clock()
        answer = self._cloudwatch.get_metric_data(
            MetricDataQueries=[
                {
                    "Id": f"q{number}",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": namespace,
                            "MetricName": metric,
                            "Dimensions": [{"Name": dimension, "Value": name}],
                        },
                        "Period": 60,
                        "Stat": "Maximum",
                    },
                }
                for number, name in enumerate(names)
            ],
            StartTime=now - _MEASURED,
            EndTime=now,
            ScanBy="TimestampDescending",
        )
        return {
            names[int(each["Id"][1:])]: each["Values"][0]
            for each in answer["MetricDataResults"]
            if each.get("Values")
        }
