"""The secrets that the stack made at deploy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.secrets import StackSecret
from hookline.errors import Unavailable
from tests.builders import MINUTE
from tests.contract.faults import Watched
from tests.engine.clock import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class Stack:
    client: SecretsManagerClient
    arn: str
    watched: Watched
    clock: FakeClock
    secret: StackSecret


@pytest.fixture
def stack(aws_environment: None) -> Stack:
    client = Clients(validate=True).secretsmanager()
    arn = client.create_secret(Name="root-key", SecretString="first")["ARN"]
    watched, clock = Watched(client), FakeClock()
    return Stack(client, arn, watched, clock, StackSecret(client, arn, clock))


def test_a_secret_is_read_once_a_minute(stack: Stack) -> None:
    assert [stack.secret() for _ in range(3)] == ["first"] * 3
    assert stack.watched.calls["GetSecretValue"] == 1


def test_a_changed_secret_is_known_within_a_minute(stack: Stack) -> None:
    stack.secret()
    stack.client.put_secret_value(SecretId=stack.arn, SecretString="second")
    stack.clock.advance(MINUTE - timedelta(seconds=1))
    assert stack.secret() == "first"
    stack.clock.advance(timedelta(seconds=1))
    assert stack.secret() == "second"


def test_an_outage_leaves_what_was_read_before(stack: Stack) -> None:
    stack.secret()
    stack.watched.refused["GetSecretValue"] = "InternalServiceError"
    stack.clock.advance(MINUTE)
    assert stack.secret() == "first"


def test_a_secret_that_was_never_read_is_unavailable(stack: Stack) -> None:
    stack.watched.refused["GetSecretValue"] = "AccessDeniedException"
    with pytest.raises(Unavailable, match="AccessDenied"):
        stack.secret()
