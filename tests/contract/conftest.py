"""Fixtures: the ports over both engines, and clients of moto's AWS with a view on their calls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from hookline.adapters.aws.clients import Clients
from tests.contract.ports import ports_over
from tests.worlds import dynamodb_local

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


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
        dynamodb_local.point_to_it(monkeypatch)
        dynamodb_local.empty(_dynamodb())
        yield


@pytest.fixture
def dynamodb(aws_environment: None) -> DynamoDBClient:
    """Shared by all tests, as one takes a while to make: register no event handlers on it."""
    return _dynamodb()


@pytest.fixture
def sqs(aws_environment: None) -> SQSClient:
    """As `dynamodb`."""
    return _sqs()


ports = ports_over("memory", "aws")
