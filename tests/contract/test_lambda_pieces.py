"""Pieces of rounds, against botocore's own stub of Lambda."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from hookline.adapters.aws.clients import Clients
from hookline.adapters.aws.lambda_pieces import LambdaPieces, piece_asked_for
from hookline.domain.delivery.rotation import Share
from hookline.errors import Unavailable
from hookline.ports.rounds import Piece

SCHEDULER = "hookline-test-scheduler"
PIECES = [Piece("release", Share(3, 8)), Piece("webhook_round", Share(0, 8), ("wh_1", "wh_2"))]


class Lambda:
    """The adapter, and what Lambda is to answer."""

    def __init__(self) -> None:
        self.client = Clients().lambdas(timedelta(seconds=1))
        self.stub = Stubber(self.client)
        self.pieces = LambdaPieces(self.client, SCHEDULER)


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return Lambda()


def test_each_piece_is_an_invocation_that_nobody_waits_for_and_knows_what_it_is(
    function: Lambda,
) -> None:
    asked: list[dict[str, Any]] = []
    function.client.meta.events.register(
        "provide-client-params.lambda.Invoke",
        lambda params, **_: asked.append(json.loads(params["Payload"])),
    )
    expected = {"FunctionName": SCHEDULER, "InvocationType": "Event", "Payload": ANY}
    for _ in PIECES:
        function.stub.add_response("invoke", {"StatusCode": 202}, expected)
    with function.stub:
        function.pieces.start(PIECES)
    assert [piece_asked_for(event) for event in asked] == PIECES


def test_a_lambda_that_takes_no_more_is_unavailable(function: Lambda) -> None:
    function.stub.add_client_error("invoke", "TooManyRequestsException", http_status_code=429)
    with function.stub, pytest.raises(Unavailable):
        function.pieces.start(PIECES)


def test_an_invocation_by_the_clock_asks_for_no_piece() -> None:
    assert piece_asked_for({"source": "aws.events"}) is None
