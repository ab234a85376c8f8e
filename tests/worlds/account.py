"""One AWS account in this process: its clients, and what a stack has there besides functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID

from hookline.adapters.aws.clients import Clients
from tests.worlds import dynamodb_local
from tests.worlds.client import ROOT_KEY
from tests.worlds.resources import STAGE, names, table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

ACCOUNT = DEFAULT_ACCOUNT_ID
REGION = "eu-west-1"
_KEY_ALIAS = f"alias/hookline-{STAGE}"


@contextmanager
def an_account() -> Iterator[None]:
    """An empty AWS account in this process: nothing leaves it."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        # Without Docker: moto then answers for users' functions what it was told to.
        with mock_aws(config={"lambda": {"use_docker": False}}):
            dynamodb_local.point_to_it(environment)
            yield


def tables() -> dict[str, str]:
    """The tables' names by their logical ids."""
    found = names("AWS::DynamoDB::Table", "TableName")
    return {logical_id: table_name(name) for logical_id, name in found.items()}


def key_and_secrets() -> dict[str, str]:
    """What is encrypted with, and the root key and the signing key, by their logical ids."""
    key = kms().create_key()["KeyMetadata"]["KeyId"]
    kms().create_alias(AliasName=_KEY_ALIAS, TargetKeyId=key)
    texts = {"root": ROOT_KEY.removeprefix("hl_root_"), "signing": "s" * 64}
    for name, text in texts.items():
        secretsmanager().create_secret(Name=name, SecretString=text)
    return {
        "EncryptionKey": _KEY_ALIAS,
        "RootKeySecret": "root",
        "SigningKeySecret": "signing",
    }


def create_bucket() -> str:
    """The bucket of large bodies, by its name."""
    name = table_name("inbound-bodies")
    location: Any = {"LocationConstraint": REGION}
    Clients().s3().create_bucket(Bucket=name, CreateBucketConfiguration=location)
    return name


@cache
def dynamodb() -> DynamoDBClient:
    return Clients(validate=True).dynamodb()


@cache
def sqs() -> SQSClient:
    return Clients(validate=True).sqs()


@cache
def kms() -> KMSClient:
    return Clients().kms()


@cache
def secretsmanager() -> SecretsManagerClient:
    return Clients().secretsmanager()
