"""GET /v1/operations, a tenant's stats and a webhook's recoveries, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import boto3

from hookline.adapters.stack_inbound import ApiStack
from hookline.domain.delivery.delivery import Status
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.health import Draining, Health
from tests.builders import a_delivery
from tests.engine.clock import FakeClock
from tests.worlds.client import Client
from tests.worlds.stack import Stack

SINCE = {"since": "2026-11-22T00:00:00Z", "until": "2026-11-23T00:00:00Z"}


def test_the_operator_sees_queues_dead_letters_version_and_settings(
    client: Client, stack: Stack
) -> None:
    stack.sqs.send_message(QueueUrl=stack.queues["dead-letters"], MessageBody="a letter")
    reply = client("GET", "/v1/operations")
    assert reply.status == 200, reply.text
    seen = reply.json
    counts = {queue["name"]: queue["visible"] for queue in seen["queues"]}
    assert {name.removeprefix("hookline-test-") for name in counts} == set(stack.queues)
    assert seen["dead_letters"] == 1
    assert seen["settings"]["publish_quota_per_second"] == 500
    stack.bodies("dead-letters")


def test_the_operator_sees_the_alarms_of_this_stack_and_of_no_other(client: Client) -> None:
    cloudwatch = boto3.client("cloudwatch")
    for name in ("hookline-test-dead-letters", "hookline-other-dead-letters"):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test's")
    (alarm,) = client("GET", "/v1/operations").json["alarms"]
    assert (alarm["name"], alarm["state"]) == ("hookline-test-dead-letters", "ALARM")
    assert alarm["since"].endswith("Z")


def test_a_tenants_stats_count_deliveries_and_webhooks_by_state(
    client: Client, stores: ApiStack
) -> None:
    first, second, _off = (
        client.a_webhook(name=name, enabled=enabled)["id"]
        for name, enabled in (("a", True), ("b", True), ("c", False))
    )
    for webhook, status in ((first, Status.SUCCESS), (second, Status.FAILED)):
        delivery = a_delivery(tenant=TenantId(client.tenant), webhook_id=WebhookId(webhook))
        stores.new_deliveries.create(
            [replace(delivery, status=status, attempt_count=1, sequence=1)]
        )
    seen = client("GET", "/stats").json
    assert (seen["totals"]["success"], seen["totals"]["failed"]) == (1, 1)
    assert seen["success_rate"] == 0.5
    assert seen["webhooks"] == {"healthy": 2, "failing": 0, "open": 0, "off": 1}
    assert sum(bucket["totals"]["success"] for bucket in seen["buckets"]) == 1
    assert seen["truncated"] is False
    assert seen["limits"] == {"webhooks": 10_000, "events_per_second": 500}


def test_a_tenants_stats_count_a_circuit_that_drains_as_its_list_does(
    client: Client, stores: ApiStack, clock: FakeClock
) -> None:
    webhook = WebhookId(client.a_webhook()["id"])
    before = Health(tenant=TenantId(client.tenant), webhook_id=webhook)
    assert stores.health.replace(before, replace(before, circuit=Draining(clock())))
    assert client("GET", "/stats").json["webhooks"]["open"] == 1
    (listed,) = client("GET", "/webhooks", query={"state": "open"}).json["items"]
    assert listed["id"] == webhook


def test_a_tenants_stats_are_looked_for_once_in_thirty_seconds(
    client: Client, clock: FakeClock
) -> None:
    assert client("GET", "/stats").json["webhooks"]["healthy"] == 0
    client.a_webhook()
    assert client("GET", "/stats").json["webhooks"]["healthy"] == 0
    clock.advance(timedelta(seconds=31))
    assert client("GET", "/stats").json["webhooks"]["healthy"] == 1


def test_recoveries_are_listed_newest_first_by_pages(client: Client) -> None:
    webhook = client.a_webhook()["id"]
    jobs = [client("POST", f"/webhooks/{webhook}/recover", SINCE).json["id"] for _ in range(3)]
    first = client("GET", f"/webhooks/{webhook}/recover", query={"limit": "2"}).json
    rest = client(
        "GET", f"/webhooks/{webhook}/recover", query={"cursor": first["next_cursor"]}
    ).json
    shown = [job["id"] for job in (*first["items"], *rest["items"])]
    assert shown == sorted(jobs, reverse=True)
    assert rest["next_cursor"] is None


def test_recoveries_of_a_webhook_that_is_not_there_are_not_found(client: Client) -> None:
    gone = "wh_01M81PY6T7X4SJTAJ8CSJCR31C"
    assert client("GET", f"/webhooks/{gone}/recover").status == 404
