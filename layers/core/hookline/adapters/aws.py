"""Clients of AWS services, and the one place where their failures become `Unavailable`.

Clients come from botocore itself: boto3's session costs every cold start some 120 ms and gives
nothing that is used here.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import hookline
from hookline.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

_CONNECT_SECONDS = 1
_READ_SECONDS = 5
_ATTEMPTS = 4
"""All the attempts of one call. With botocore's jittered waits (below 1, 2 and 4 s) an outage is
told after some ten seconds, which a function's time budget still holds."""


@overload
def client(
    service: Literal["dynamodb"], *, connections: int = 10, validate: bool = False
) -> DynamoDBClient: ...
@overload
def client(
    service: Literal["sqs"], *, connections: int = 10, validate: bool = False
) -> SQSClient: ...
@overload
def client(
    service: Literal["kms"], *, connections: int = 10, validate: bool = False
) -> KMSClient: ...
@overload
def client(
    service: Literal["secretsmanager"], *, connections: int = 10, validate: bool = False
) -> SecretsManagerClient: ...
def client(service: str, *, connections: int = 10, validate: bool = False) -> object:
    """A client with bounded waits; region, credentials and endpoint come from the environment.

    ``connections`` bounds the pool: as many as threads will call at once. ``validate`` has
    botocore check every parameter against its model: for tests, too dear for each call in use.
    """
    session = botocore.session.get_session()
    session.register("before-parse.dynamodb", _take_as_it_is)
    return cast(
        "object",
        session.create_client(
            service,
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                max_pool_connections=connections,
                parameter_validation=validate,
                tcp_keepalive=True,
                # Named once: botocore would put its own name together twice for every call, which
                # is a tenth of what a call costs.
                user_agent=f"Hookline/{hookline.__version__} Botocore/{botocore.__version__}",
            ),
        ),
    )


def _take_as_it_is(**parsing: Any) -> None:
    """DynamoDB's answers are what the client gives, but for binary values, which we never store.

    botocore would look up each attribute of each item in its model: a third of a batch's time.
    Errors are left to it.
    """
    response = parsing["response_dict"]
    if response["status_code"] < HTTPStatus.MULTIPLE_CHOICES:
        parsing["customized_response_dict"].update(json.loads(response["body"] or b"{}"))
        response["body"] = b"{}"


def code_of(error: ClientError) -> str:
    """The error's code as AWS names it, such as ``ConditionalCheckFailedException``."""
    return error.response.get("Error", {}).get("Code", "Unknown")


class translated:  # noqa: N801 -- reads as a statement: `with translated():`
    """Turns whatever botocore raises in the block into `Unavailable`, naming what failed.

    Refusals count too: a missing permission or table is mended by a deploy, and what asks again
    then finds it mended. Stores handle the codes they expect inside the block.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if isinstance(error, ClientError):
            raise Unavailable(f"{error.operation_name}: {code_of(error)}") from error
        if isinstance(error, BotoCoreError):
            raise Unavailable(f"{type(error).__name__}: {error}") from error
