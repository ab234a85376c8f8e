"""The sweep's bookmarks in DynamoDB."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hookline.adapters.aws.clients import conditional, translated
from hookline.adapters.dynamo.table import keys, reading
from hookline.adapters.dynamo.table.attributes import Item, Update, to_wire
from hookline.domain.ids import EventId, TenantId
from hookline.domain.times import from_iso
from hookline.errors import Unavailable
from hookline.ports.events import Bookmark

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 10

_BACK = "SET accepted = :to ADD rewinds :one", "attribute_not_exists(accepted) OR accepted > :to"
_STAY = "ADD rewinds :one", "accepted <= :to"


class DynamoBookmarks:
    """The port `Bookmarks`: a place is the very key that the fan-out's record has."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, tenant: TenantId) -> Bookmark | None:
        """Read consistently; None where the sweep never was."""
        item = reading.get(self._client, self._table, keys.bookmark(tenant))
        return _from_item(item) if item else None

    def move(self, tenant: TenantId, before: Bookmark | None, after: Bookmark) -> bool:
        """The same move again, its reply lost, is True."""
        old = {"accepted": _place(before), "rewinds": before.rewinds or None} if before else {}
        aside = [keys.chunk_aside(*each) for each in after.aside] or None
        update = Update({"accepted": _place(after), "aside": aside}).on_condition(
            {"accepted": old.get("accepted"), "rewinds": old.get("rewinds")}
        )
        with translated():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=to_wire(keys.bookmark(tenant)),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **update.parameters(),
                )
            except ClientError as error:
                standing = reading.standing(error)
                return standing is not None and (
                    update.stands_in(standing) and standing.get("rewinds") == old.get("rewinds")
                )
        return True

    def rewind(self, tenant: TenantId, to: Bookmark) -> None:
        """One write, or two where the bookmark has not come so far: that counts the rewind too."""
        for _ in range(_TRIES):
            if any(self._rewound(tenant, to, *way) for way in (_BACK, _STAY)):
                return
        raise Unavailable(f"the bookmark moved {_TRIES} times while it was set back")

    def _rewound(self, tenant: TenantId, to: Bookmark, update: str, condition: str) -> bool:
        with conditional() as write:
            self._client.update_item(
                TableName=self._table,
                Key=to_wire(keys.bookmark(tenant)),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=to_wire({":to": _place(to), ":one": 1}),
            )
        return write.held


def _place(bookmark: Bookmark) -> str:
    return keys.accepted(bookmark.accepted_at, bookmark.event_id)


def _from_item(item: Item) -> Bookmark:
    accepted_at, _, event_id = item["accepted"].partition("#")
    return Bookmark(
        from_iso(accepted_at),
        EventId(event_id),
        item.get("rewinds", 0),
        tuple(_aside(each) for each in item.get("aside", ())),
    )


def _aside(text: str) -> tuple[datetime, EventId, int]:
    accepted_at, event_id, chunk = text.split("#")
    return from_iso(accepted_at), EventId(event_id), int(chunk)
