"""Pieces of the scheduler's rounds, each an asynchronous invocation of the function itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.clients import translated
from hookline.domain.delivery.rotation import Share
from hookline.ports.rounds import Piece

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaPieces:
    """The port `Pieces`."""

    def __init__(self, client: LambdaClient, function: str) -> None:
        self._client = client
        self._function = function

    def start(self, pieces: Sequence[Piece]) -> None:
        """One call each, which Lambda answers with 202."""
        for piece in pieces:
            asked = {
                "work": piece.work,
                "number": piece.share.number,
                "of": piece.share.of,
                "served": piece.served,
            }
            with translated():
                self._client.invoke(
                    FunctionName=self._function,
                    InvocationType="Event",
                    Payload=json.dumps({"piece": asked}).encode(),
                )


def piece_asked_for(event: Mapping[str, Any]) -> Piece | None:
    """The piece that an invocation by `LambdaPieces` asks for; nothing for one by the clock."""
    if (asked := event.get("piece")) is None:
        return None
    share = Share(int(asked["number"]), int(asked["of"]))
    return Piece(str(asked["work"]), share, tuple(asked["served"]))
