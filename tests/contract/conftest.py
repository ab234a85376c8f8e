"""Fixtures: the ports over both engines, and clients of moto's AWS with a view on their calls."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from moto import mock_aws

from hookline.adapters.aws.clients import Clients
from tests.contract.ports import Ports, in_memory, on_aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


DYNAMODB_LOCAL = "HOOKLINE_DYNAMODB_LOCAL"
"""Names the address of a DynamoDB Local, when one runs: the suites then run against it too, as
moto lets pass what AWS refuses."""


@cache
def _dynamodb() -> DynamoDBClient:
    return Clients(validate=True).dynamodb()


@cache
def _sqs() -> SQSClient:
    return Clients(validate=True).sqs()


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto in process: nothing leaves the machine, and it makes up the credentials."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws_environment: None) -> DynamoDBClient:
    """Shared by all tests, as one takes a while to make: register no event handlers on it."""
    return _dynamodb()


@pytest.fixture
def sqs(aws_environment: None) -> SQSClient:
    """As `dynamodb`."""
    return _sqs()


@pytest.fixture
def dynamodb_local(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> DynamoDBClient:
    """AWS's own DynamoDB Local, which keeps a database for each access key id."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", os.environ[DYNAMODB_LOCAL])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", uuid4().hex)
    return Clients(validate=True).dynamodb()


@pytest.fixture(params=["memory", "aws", *(["local"] if DYNAMODB_LOCAL in os.environ else [])])
def ports(request: pytest.FixtureRequest) -> Ports:
    if request.param == "memory":
        return in_memory()
    sqs = request.getfixturevalue("sqs")
    engine = "dynamodb" if request.param == "aws" else "dynamodb_local"
    return on_aws(request.getfixturevalue(engine), sqs)
