"""Large bodies of inbound messages, in the stack's own bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hookline.adapters.aws.clients import translated
from hookline.domain.ids import MessageId, TenantId

if TYPE_CHECKING:
    from collections.abc import Callable


class BodyBucket:
    """Bodies by tenant and message. The bucket's own rule lets them expire after their messages.

    ``client`` makes the client when a large body first comes: few processes ever meet one.
    """

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, tenant: TenantId, message_id: MessageId, body: bytes) -> None:
        """Stores it; the same again is as good."""
        with translated():
            self._client().put_object(Bucket=self._bucket, Key=_key(tenant, message_id), Body=body)

    def get(self, tenant: TenantId, message_id: MessageId) -> bytes:
        """The body. Raises Unavailable, also where it is gone before its message."""
        with translated():
            answer = self._client().get_object(Bucket=self._bucket, Key=_key(tenant, message_id))
            return bytes(answer["Body"].read())


def _key(tenant: TenantId, message_id: MessageId) -> str:
    return f"{tenant}/{message_id}"
