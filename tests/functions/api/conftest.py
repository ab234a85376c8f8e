"""The API function over moto, put together by its own composition."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pytest
from moto import mock_aws

from hookline.adapters.aws.clients import Clients
from hookline_api.composition import build_api
from hookline_api.http.app import Api
from hookline_api.settings import ApiSettings
from hookline_api.stores import Stores, stores_of
from tests.contract.tables import create_queues, create_tables, table_name
from tests.engine.clock import FakeClock
from tests.functions.api.client import ROOT_KEY, Client

_tenants = count(1)


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def settings() -> Iterator[ApiSettings]:
    """Settings that name moto's tables, queues, key and secrets."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws():
            yield ApiSettings.from_env(_environment())


@pytest.fixture(scope="module")
def api(settings: ApiSettings, clock: FakeClock) -> Api:
    return build_api(settings, clock, os.urandom)


@pytest.fixture(scope="module")
def stores(settings: ApiSettings, clock: FakeClock) -> Stores:
    """The API's own tables, for what the other functions would have written."""
    return stores_of(settings, clock, os.urandom)


@pytest.fixture
def client(api: Api) -> Client:
    """The root key's holder, in a tenant of this test's own."""
    tenant = f"tenant-{next(_tenants)}"
    root = Client(api, tenant)
    assert root("POST", "/v1/tenants", {"id": tenant}).status == 201
    return root


def _environment() -> dict[str, str]:
    create_tables(Clients().dynamodb())
    queues = create_queues(Clients().sqs(), "deliveries", "retries", "inbound")
    secrets = Clients().secretsmanager()
    root = secrets.create_secret(Name="root", SecretString=ROOT_KEY.removeprefix("hl_root_"))
    signing = secrets.create_secret(Name="signing", SecretString="s" * 43)
    key = Clients().kms().create_key()["KeyMetadata"]["Arn"]
    tables = {
        f"{name.upper().replace('-', '_')}_TABLE": table_name(name)
        for name in (
            *("webhooks", "webhook-health", "subscriptions", "events", "fan-outs", "deliveries"),
            *("attempts", "principals", "idempotency", "event-types", "recover-jobs"),
            *("inbound-providers", "inbound-messages"),
        )
    }
    return tables | {
        "STAGE": "test",
        "LOG_LEVEL": "INFO",
        "RETENTION_DAYS": "30",
        "DELIVERY_QUEUE_URL": queues["deliveries"],
        "RETRY_QUEUE_URL": queues["retries"],
        "INBOUND_QUEUE_URL": queues["inbound"],
        "ALLOW_HTTP": "true",
        "ALLOWED_NETWORKS": "127.0.0.0/8",
        "HEADER_PREFIX": "X-Hookline",
        "KMS_KEY_ID": key,
        "ROOT_KEY_SECRET_ARN": root["ARN"],
        "SIGNING_KEY_SECRET_ARN": signing["ARN"],
        "OIDC_ISSUER": "",
        "OIDC_AUDIENCE": "",
        "PUBLISH_QUOTA_PER_SECOND": "1000",
        "INVOKE_FUNCTION_ARNS": "",
    }
