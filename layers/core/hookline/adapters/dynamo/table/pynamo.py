"""PynamoDB as Hookline uses it: models bound to a table at run time, over one connection.

PynamoDB wants a table's name in the model's class and makes a client for every model; here both
come from the function's settings. This is the one file that touches its private side.
"""

from __future__ import annotations

from types import TracebackType
from typing import cast

from pynamodb.connection import TableConnection
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.models import MetaModel, Model
from pynamodb.transactions import TransactWrite

from hookline.errors import Unavailable

_CONNECT_SECONDS = 1
_READ_SECONDS = 5
_RETRIES = 3
"""As for the other clients (`adapters.aws.clients`): an outage is told after some ten seconds."""

_REFUSED = "ConditionalCheckFailed"


class PynamoTable:
    """One table, and the models of the kinds of items in it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._connection: TableConnection | None = None

    def bind[Kind: Model](self, kind: type[Kind]) -> type[Kind]:
        """The model for this table; all models of one table share a client."""
        meta = type(
            "Meta",
            (),
            {
                "table_name": self._name,
                "connect_timeout_seconds": _CONNECT_SECONDS,
                "read_timeout_seconds": _READ_SECONDS,
                "max_retry_attempts": _RETRIES,
            },
        )
        bound = cast("type[Kind]", MetaModel(kind.__name__, (kind,), {"Meta": meta}))
        if self._connection is None:
            self._connection = bound._get_connection()  # noqa: SLF001 - quarantined here
        bound._connection = self._connection  # noqa: SLF001 - quarantined here
        return bound

    def transaction(self) -> TransactWrite:
        """A transaction over items of this table; bind a model first."""
        if self._connection is None:
            raise ValueError("no model was bound to this table")
        return TransactWrite(connection=self._connection.connection)


class translated:  # noqa: N801 - reads as a statement: `with translated():`
    """Turns whatever PynamoDB raises in the block into `Unavailable`, naming what failed."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if isinstance(error, PynamoDBException):
            code = error.cause_response_code or type(error.cause).__name__
            raise Unavailable(f"{type(error).__name__}: {code}") from error


def refused(error: PynamoDBException) -> bool:
    """Whether a condition did not hold: an expected result, for the store to put into words."""
    if isinstance(error, TransactWriteError):
        return any(reason and reason.code == _REFUSED for reason in error.cancellation_reasons)
    return error.cause_response_code == f"{_REFUSED}Exception"
