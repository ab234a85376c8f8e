"""Clients of AWS services, and the one place where their failures become `Unavailable`.

They are botocore's: boto3's session would add some 120 ms to every cold start and nothing else.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

import hookline
from hookline.adapters.aws.lean_calls import make_lean
from hookline.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

_CONNECT_SECONDS = 1
_READ_SECONDS = 5
_ATTEMPTS = 4
"""All the attempts of one call. With botocore's jittered waits (below 1, 2 and 4 s) an outage is
told after some ten seconds, which a function's time budget still holds."""

_FIRST_SECONDS = 0.05
_LONGEST_SECONDS = 2.0


class Clients:
    """The clients of one process, from one botocore session, which reads its data files once.

    Region, credentials and endpoint come from the environment. ``connections`` bounds a client's
    pool: as many as threads will call at once. ``validate`` has botocore check every parameter
    against its model: for tests; in use it would cost too much for each call.
    """

    def __init__(self, *, validate: bool = False) -> None:
        self._session = botocore.session.get_session()
        self._validate = validate

    def dynamodb(self, *, connections: int = 10, attempts: int = _ATTEMPTS) -> DynamoDBClient:
        """The tables, by lean calls (see `lean_calls`)."""
        return cast("DynamoDBClient", self._lean("dynamodb", connections, attempts))

    def sqs(self, *, connections: int = 10) -> SQSClient:
        """The queues, by lean calls as well."""
        return cast("SQSClient", self._lean("sqs", connections, _ATTEMPTS))

    def kms(self, *, connections: int = 10) -> KMSClient:
        """The key that seals secrets."""
        return cast("KMSClient", self._client("kms", connections))

    def cloudwatch(self) -> CloudWatchClient:
        """The stack's alarms, and the ages of its queues."""
        return cast("CloudWatchClient", self._client("cloudwatch", 1))

    def secretsmanager(self) -> SecretsManagerClient:
        """The stack's own secrets."""
        return cast("SecretsManagerClient", self._client("secretsmanager", 1))

    def s3(self) -> Any:
        """The bucket of large bodies."""
        return self._client("s3", 10, Config(s3={"addressing_style": "path"}))

    def lambdas(self, timeout: timedelta, *, connections: int = 20) -> LambdaClient:
        """Waits this long for an answer, and never repeats a call: it invokes a user's function."""
        read_once = Config(
            read_timeout=timeout.total_seconds(),
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        return cast("LambdaClient", self._client("lambda", connections, read_once))

    def _lean(self, service: str, connections: int, attempts: int) -> Any:
        retries = Config(retries={"mode": "standard", "total_max_attempts": attempts})
        client = self._client(service, connections, retries)
        make_lean(client, validate=self._validate)
        return client

    def _client(self, service: str, connections: int, but: Config | None = None) -> Any:
        config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=connections,
            parameter_validation=self._validate,
            tcp_keepalive=True,
            # Given here, as botocore would build its own twice for every call: a tenth of what a
            # call costs.
            user_agent=f"Hookline/{hookline.__version__} Botocore/{botocore.__version__}",
        )
        return self._session.create_client(service, config=config.merge(but) if but else config)


@dataclass(frozen=True, slots=True)
class Backoff:
    """From 50 ms up to 2 s; ``sleep`` and ``jitter`` (0..1) are arguments for tests."""

    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def tries(self, most: int) -> Iterator[int]:
        """Counts the tries from 0 on, and waits before each but the first."""
        bound = _FIRST_SECONDS
        for number in range(most):
            if number:
                self.sleep(bound * self.jitter())
                bound = min(bound * 2, _LONGEST_SECONDS)
            yield number


REFUSED = "ConditionalCheckFailedException"


def code_of(error: ClientError) -> str:
    """The error's code as AWS names it, such as `REFUSED`."""
    return error.response.get("Error", {}).get("Code", "Unknown")


class translated:  # noqa: N801 -- reads as a statement: `with translated():`
    """Turns whatever botocore raises in the block into `Unavailable`, naming what failed.

    Refusals count too: a deploy can mend a missing permission or table, and a later try then
    succeeds. Stores handle the error codes they expect inside the block.
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
        if isinstance(error, BotoCoreError | ResponseParserError):
            raise Unavailable(f"{type(error).__name__}: {error}") from error


class conditional:  # noqa: N801 -- as above: `with conditional() as write:`
    """The same around one conditional write: ``held`` says whether its condition did."""

    __slots__ = ("held",)

    def __enter__(self) -> Self:
        self.held = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, ClientError) and code_of(error) == REFUSED:
            self.held = False
            return True
        translated().__exit__(kind, error, trace)
        return False
