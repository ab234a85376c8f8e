"""The stack as its operator sees it: clients of the emulator, with its root user's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.aws import session
from tests.e2e.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient


def sqs_of(stack: Stack) -> SQSClient:
    """Amazon SQS of the stack."""
    return session().client("sqs", endpoint_url=stack.aws_endpoint)


def dynamodb_of(stack: Stack) -> DynamoDBClient:
    """Amazon DynamoDB of the stack."""
    return session().client("dynamodb", endpoint_url=stack.aws_endpoint)


def lambda_of(stack: Stack) -> LambdaClient:
    """AWS Lambda of the stack."""
    return session().client("lambda", endpoint_url=stack.aws_endpoint)


def iam_of(stack: Stack) -> Any:
    """AWS IAM of the stack; no stubs for it are installed."""
    return session().client("iam", endpoint_url=stack.aws_endpoint)
