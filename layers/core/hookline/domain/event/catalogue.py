"""The event-type catalogue: a tenant's event types, their examples and schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hookline.domain.documents import strict_json
from hookline.domain.documents.kinds import Findings
from hookline.domain.documents.merge_patch import edited
from hookline.domain.event.event import RESERVED_PREFIX
from hookline.domain.event.fields import EventTypeFields
from hookline.domain.event.patterns import validate_type
from hookline.domain.ids import TenantId
from hookline.domain.times import iso
from hookline.errors import FieldError

MAX_EXAMPLE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One entry of the catalogue.

    ``example`` is a sample of an event's ``data``; ``schema`` is the JSON Schema that ``data`` must
    follow. An archived type is no longer offered, but its events are still accepted: publishers and
    webhooks may not have moved yet.
    """

    tenant: TenantId
    type: str
    description: str = ""
    example: object = None
    schema: Mapping[str, object] | None = field(default=None, hash=False)
    archived: bool = False
    updated_at: datetime

    def problems(self, data: object) -> Sequence[FieldError]:
        """What the schema has against an event's ``data``; absent data is checked as null."""
        return () if self.schema is None else _check(self.schema, data, "data")


def event_type_of(
    document: Mapping[str, object], tenant: TenantId, event_type: str, now: datetime
) -> EventType:
    """The entry that a request describes. Raises Rejected with every FieldError."""
    findings = Findings()
    given = EventTypeFields.read(document, findings)
    _check_type(event_type, findings)
    _check_example(given.example, findings)
    entry = EventType(
        tenant=tenant,
        type=event_type,
        description=given.description,
        example=given.example,
        schema=_schema(given.schema, findings),
        archived=given.archived,
        updated_at=now,
    )
    if entry.schema is not None and entry.example is not None:
        findings.errors.extend(_check(entry.schema, entry.example, "example"))
    findings.settle()
    return entry


def document_of(entry: EventType) -> dict[str, object]:
    """All fields that can be set: the reverse of `event_type_of`."""
    return {
        "description": entry.description,
        "example": entry.example,
        "schema": None if entry.schema is None else dict(entry.schema),
        "archived": entry.archived,
    }


def patched(entry: EventType, patch: Mapping[str, object]) -> dict[str, object]:
    """The document after a merge patch, to be read by `event_type_of`."""
    return edited(
        document_of(entry),
        patch,
        standing={"type": entry.type, "updated_at": iso(entry.updated_at)},
        parts=frozenset(),
    )


def _check_type(event_type: str, findings: Findings) -> None:
    problem = validate_type(event_type)
    if problem:
        findings.add("type", problem)
    elif event_type.startswith(RESERVED_PREFIX):
        findings.add("type", f"types under {RESERVED_PREFIX} are the platform's own")


def _check_example(example: object, findings: Findings) -> None:
    if example is not None and len(strict_json.dumps(example).encode()) > MAX_EXAMPLE_BYTES:
        findings.add("example", f"must not be larger than {MAX_EXAMPLE_BYTES} bytes")


def _schema(value: object, findings: Findings) -> Mapping[str, object] | None:
    if value is None:
        return None
    from hookline.domain.sandbox.json_schema import InvalidSchema, check_schema  # noqa: PLC0415 - see _check

    try:
        check_schema(value)
    except InvalidSchema as error:
        findings.add(f"schema.{error.path}" if error.path else "schema", error.message)
        return None
    return value if isinstance(value, dict) else None


def _check(schema: Mapping[str, object], data: object, field_name: str) -> list[FieldError]:
    # 60 ms to import: only tenants with a schema pay it, on first use.
    from hookline.domain.sandbox.json_schema import check_data  # noqa: PLC0415

    return check_data(schema, data, field_name)
