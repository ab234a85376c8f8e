"""A function: what is done with the messages of one provider to one uri (reference row FD-4)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookline.domain.ids import (
    EventId,
    FunctionId,
    PrincipalId,
    ProviderId,
    TenantId,
    WebhookId,
    new_id,
)
from hookline.domain.inbound.message import Message

MAX_FUNCTIONS = 400
"""Functions of one tenant: its whole configuration is read for each message."""

MAX_FUNCTIONS_OF_URI = 20
"""Functions of one provider and uri: all their results must fit one item of 400 KB."""

_OWN_CHARACTERS = 16
"""The length of the digest after the id that a function gives its event."""

_GIVEN_CHARACTERS = 64 - 1 - _OWN_CHARACTERS
"""An id has at most 64 characters; what is cut off is part of the digest."""


@dataclass(frozen=True, slots=True)
class Publish:
    """Publishes an event; its texts are JMESPath expressions over ``{message, properties}``."""

    event: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Invoke:
    """Invokes a Lambda function of the user's, which answers ``{message, log}``."""

    function_arn: str


@dataclass(frozen=True, slots=True)
class Forward:
    """Delivers the pristine body to one webhook, with the headers of these names."""

    webhook_id: WebhookId
    headers: tuple[str, ...] = ()


Action = Publish | Invoke | Forward


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function's configuration. Its provider never changes.

    ``when``, ``each`` and ``log_message`` are expressions over ``{message, properties}``: whether
    to run, a list to run once per element, and what the log says.
    """

    tenant: TenantId
    id: FunctionId
    provider_id: ProviderId
    uri: str
    name: str
    action: Action
    when: str | None = None
    each: str | None = None
    log_message: str | None = None
    description: str = ""
    active: bool = True
    version: int = 1
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime
    updated_by: PrincipalId


def bare_uri(uri: str) -> str:
    """A uri for comparison: outer slashes do not count, inner ones do."""
    return uri.strip("/")


def uri_fits(pattern: str, uri: str) -> bool:
    """Whether a function's uri matches a call's: `*` is one segment, a final `**` any rest."""
    wanted, given = bare_uri(pattern).split("/"), bare_uri(uri).split("/")
    if wanted[-1] == "**":
        wanted = wanted[:-1]
        given = given[: len(wanted)] if wanted else []
    return len(wanted) == len(given) and all(
        part in ("*", segment) for part, segment in zip(wanted, given, strict=True)
    )


def event_id(function: Function, message: Message, index: int | None = None) -> EventId:
    """The id of the event that the function makes of the message or list element.

    It is the same for every run, so that a run repeated after a crash publishes nothing twice.
    """
    text = f"{message.tenant}/{message.id}/{function.id}{_of_element(index)}"
    return EventId(new_id("evt", message.received_at, hashlib.sha256(text.encode()).digest()[:10]))


def own_event_id(given: str, function: Function, message: Message, index: int | None) -> EventId:
    """The function's id for its event, made unique to this function and this resubmit."""
    run = message.id if message.original else ""
    text = f"{given}/{function.id}/{run}{_of_element(index)}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return EventId(f"{given[:_GIVEN_CHARACTERS]}-{digest[:_OWN_CHARACTERS]}")


def _of_element(index: int | None) -> str:
    return "" if index is None else f"/{index}"
