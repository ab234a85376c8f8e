"""Ids: a prefix for what they name, and a ULID, so that text order is time order."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import NewType

from hookline.domain.times import epoch_millis

TenantId = NewType("TenantId", str)
WebhookId = NewType("WebhookId", str)
EventId = NewType("EventId", str)
DeliveryId = NewType("DeliveryId", str)
PrincipalId = NewType("PrincipalId", str)
MessageId = NewType("MessageId", str)
JobId = NewType("JobId", str)
ProviderId = NewType("ProviderId", str)
FunctionId = NewType("FunctionId", str)

TENANT_ID = r"[a-z0-9][a-z0-9-]{0,62}"
"""The whole of a tenant's id."""

_TENANT_ID = re.compile(TENANT_ID)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]
_RANDOM_BYTES = 10
_ULID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")


def ulid(instant: datetime, randomness: bytes) -> str:
    """The 26 characters of a ULID: 48 bits of milliseconds, then ``randomness`` (10 bytes).

    Source: https://github.com/ulid/spec. Raises ValueError for any other amount of randomness.
    """
    if len(randomness) != _RANDOM_BYTES:
        raise ValueError(f"a ULID takes {_RANDOM_BYTES} random bytes, not {len(randomness)}")
    number = (epoch_millis(instant) << 80) | int.from_bytes(randomness)
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def new_id(prefix: str, instant: datetime, randomness: bytes) -> str:
    """``wh_01J…``: ``prefix`` is one of wh, evt, dlv, msg, prv, fn, prn, key, job."""
    return f"{prefix}_{ulid(instant, randomness)}"


def is_id(prefix: str, text: str) -> bool:
    """Whether `new_id` could have made ``text``; if not, no look-up is needed."""
    kind, _, number = text.partition("_")
    return kind == prefix and _ULID.fullmatch(number) is not None


def lowest_id(prefix: str, instant: datetime) -> str:
    """The smallest id of its kind at ``instant``: the end of a range."""
    return new_id(prefix, instant, bytes(_RANDOM_BYTES))


def delivery_id(
    tenant: TenantId, event: EventId, webhook: WebhookId, accepted_at: datetime
) -> DeliveryId:
    """The one id of an event's delivery to a webhook, so that a repeated fan-out finds it.

    Its time is the event's acceptance; a digest of the three names takes the place of the
    randomness.
    """
    digest = hashlib.sha256(f"{tenant}/{event}/{webhook}".encode()).digest()
    return DeliveryId(new_id("dlv", accepted_at, digest[:_RANDOM_BYTES]))


def instant_of(any_id: str) -> datetime:
    """The instant in an id that `new_id` made. Raises ValueError for anything else."""
    _, _, text = any_id.rpartition("_")
    if len(text) != 26:
        raise ValueError("not an id with a ULID")
    millis = 0
    for character in text[:10]:
        millis = millis * 32 + _CROCKFORD.index(character)
    return datetime.fromtimestamp(millis // 1000, UTC).replace(microsecond=millis % 1000 * 1000)


def is_tenant_id(text: str) -> bool:
    """Whether this could be a tenant's id."""
    return _TENANT_ID.fullmatch(text) is not None
