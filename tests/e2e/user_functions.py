"""Lambda functions of a user's, beside the stack's own in the same account."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from tests.e2e.aws import iam_of, lambda_of
from tests.e2e.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_ARN = "arn:aws:lambda:eu-west-1:000000000000:function:"
ALLOWED = "users-deployer"
ALLOWED_ARN = _ARN + ALLOWED
"""The one that the common stack may invoke; its parameter names it before it exists."""
FORBIDDEN = "users-payroll"
FORBIDDEN_ARN = _ARN + FORBIDDEN

_USERS_CODE = '''
def handler(event, context):
    """A match function and a function of an inbound provider in one."""
    if "message" not in event:
        return {"match": event["headers"].get("x-team") == "web", "log": "not of the web team"}
    message, properties = event["message"], event["properties"]
    if message["payload"] is None:
        raise ValueError("no payload")
    return {
        "message": f"{properties['site']} from {message['payload']['ref']}",
        "log": f"as of {message['query']['projectId'][0]}",
    }
'''

_PROBE_CODE = '''
import boto3
from botocore.exceptions import ClientError


def handler(event, context):
    """Whether the role it runs under may invoke a function."""
    try:
        boto3.client("lambda").invoke(FunctionName=event["arn"], Payload=b"{}")
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "invoked"
'''


def create_users_functions(stack: Stack) -> None:
    """Both the allowed and the forbidden one, with the same code."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = iam_of(stack).create_role(
        RoleName="users-functions", AssumeRolePolicyDocument=json.dumps(trust)
    )
    for name in (ALLOWED, FORBIDDEN):
        _create(lambda_of(stack), name, role["Role"]["Arn"], _USERS_CODE)


def invoked_under_the_role_of(stack: Stack, function: str, arn: str) -> str:
    """What IAM says when code under a function's own role invokes another: `invoked`, or its no."""
    client = lambda_of(stack)
    role = client.get_function_configuration(FunctionName=function)["Role"]
    probe = f"probe-of-{function}"
    _create(client, probe, role, _PROBE_CODE)
    try:
        answer = client.invoke(FunctionName=probe, Payload=json.dumps({"arn": arn}).encode())
        said: Any = json.loads(answer["Payload"].read())
    finally:
        client.delete_function(FunctionName=probe)
    return str(said)


def may_invoke(stack: Stack) -> bool:
    """Whether the stack was started with the parameter that these tests need."""
    worker = lambda_of(stack).get_function_configuration(FunctionName="hookline-local-inbound")
    return ALLOWED_ARN in worker["Environment"]["Variables"]["INVOKE_FUNCTION_ARNS"].split(",")


def _create(client: LambdaClient, name: str, role: str, code: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("users.py", code)
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="users.handler",
        Code={"ZipFile": packed.getvalue()},
        Timeout=10,
    )
