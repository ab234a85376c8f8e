"""Answers to requests with an Idempotency-Key, in DynamoDB, as a model of PynamoDB.

The API alone reads and writes this table, and imports PynamoDB with the first request that has
such a key (decision 0040).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from hookline.adapters.aws.clients import REFUSED, translated
from hookline.adapters.dynamo.table import keys
from hookline.domain.times import iso
from hookline.ports import Randomness
from hookline.ports.requests import (
    Fresh,
    IdempotentRequest,
    InProgress,
    Mismatch,
    Replay,
    StoredAnswer,
)

_KEPT = timedelta(hours=24)


class _Record(Model):
    request = UnicodeAttribute(hash_key=True)
    digest = UnicodeAttribute()
    holder = UnicodeAttribute()
    leased_until = UnicodeAttribute()
    ttl = NumberAttribute()
    status = NumberAttribute(null=True)
    headers: MapAttribute[str, str] = MapAttribute(null=True)  # type: ignore[no-untyped-call] # PynamoDB's own gap
    body = UnicodeAttribute(null=True)


class DynamoIdempotencyRecords:
    """The port `IdempotencyRecords`."""

    def __init__(self, table: str, randomness: Randomness) -> None:
        self._record = _model(table)
        self._randomness = randomness

    def begin(
        self, request: IdempotentRequest, now: datetime, lease: timedelta
    ) -> Fresh | Replay | Mismatch | InProgress:
        """One conditional put; where it is refused, one read of what stands instead."""
        holder = self._randomness(9).hex()
        record = self._record(
            _name(request),
            digest=request.digest,
            holder=holder,
            leased_until=iso(now + lease),
            ttl=int((now + _KEPT).timestamp()) + 1,
        )
        with translated():
            try:
                record.save(condition=self._free(request, holder, now))
            except PynamoDBException as error:
                _expect_refusal(error)
                return self._verdict(request)
        return Fresh(holder)

    def finish(self, request: IdempotentRequest, holder: str, answer: StoredAnswer) -> None:
        """Readable as it was sent, in the table too."""
        record = self._record
        with translated():
            try:
                record(_name(request)).update(
                    actions=[
                        record.status.set(answer.status),
                        record.headers.set(dict(answer.headers)),
                        record.body.set(answer.body),
                    ],
                    condition=record.holder == holder,
                )
            except PynamoDBException as error:
                _expect_refusal(error)

    def give_up(self, request: IdempotentRequest, holder: str) -> None:
        """Removes the record while there is no answer in it."""
        record = self._record
        unanswered = (record.holder == holder) & record.status.does_not_exist()
        with translated():
            try:
                record(_name(request)).delete(condition=unanswered)
            except PynamoDBException as error:
                _expect_refusal(error)

    def _free(self, request: IdempotentRequest, holder: str, now: datetime) -> Condition:
        record = self._record
        abandoned = (
            (record.digest == request.digest)
            & record.status.does_not_exist()
            & (record.leased_until <= iso(now))
        )
        free: Condition = (
            record.request.does_not_exist()
            | (record.ttl <= int(now.timestamp()))
            | (record.holder == holder)
            | abandoned
        )
        return free

    def _verdict(self, request: IdempotentRequest) -> Replay | Mismatch | InProgress:
        try:
            standing = self._record.get(_name(request), consistent_read=True)
        except DoesNotExist:
            return InProgress()  # given up meanwhile: whoever asks again begins it
        except PynamoDBException as error:
            raise _cause(error) from error
        if standing.digest != request.digest:
            return Mismatch()
        found = standing.to_simple_dict()
        if "status" not in found:
            return InProgress()
        return Replay(StoredAnswer(int(found["status"]), found["body"], found["headers"]))


def _model(table: str) -> type[_Record]:
    class Record(_Record):
        class Meta:
            table_name = table
            # As for the other clients: an outage is told after some ten seconds.
            connect_timeout_seconds = 1
            read_timeout_seconds = 5
            max_retry_attempts = 3

    return Record


def _name(request: IdempotentRequest) -> str:
    return keys.idempotent_request(request.principal, request.target, request.key)["request"]


def _expect_refusal(error: PynamoDBException) -> None:
    if error.cause_response_code != REFUSED:
        raise _cause(error) from error


def _cause(error: PynamoDBException) -> Exception:
    """What botocore raised, for `translated` to name."""
    return error.cause or error
