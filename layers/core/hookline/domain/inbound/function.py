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
"""Functions of one tenant: all of its configuration is read for each message."""

MAX_FUNCTIONS_OF_URI = 20
"""Functions of one provider and uri: their results together fit one item of 400 KB."""

_OWN_CHARACTERS = 16
"""Of a digest, behind the id that a function gives its event."""

_GIVEN_CHARACTERS = 64 - 1 - _OWN_CHARACTERS
"""An id has 64 characters at most; what is cut off is in the digest."""


@dataclass(frozen=True, slots=True)
class Publish:
    """Publishes an event, each text in it a JMESPath expression over ``{message, properties}``."""

    event: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Invoke:
    """Invokes a Lambda function of the user's, which answers ``{message, log}``."""

    function_arn: str


@dataclass(frozen=True, slots=True)
class Forward:
    """Has the pristine body delivered to one webhook, and the headers of these names with it."""

    webhook_id: WebhookId
    headers: tuple[str, ...] = ()


Action = Publish | Invoke | Forward


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function's configuration. Its provider never changes.

    ``when``, ``each`` and ``log_message`` are expressions over ``{message, properties}``: whether a
    message is for it, the list of which each element is a run of its own, and what the log says.
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
    """A uri as it is compared: slashes at its ends do not count, everything between them does."""
    return uri.strip("/")


def uri_fits(pattern: str, uri: str) -> bool:
    """Whether a function's uri is a call's: `*` is one segment, `**` at the end any rest."""
    wanted, given = bare_uri(pattern).split("/"), bare_uri(uri).split("/")
    if wanted[-1] == "**":
        wanted = wanted[:-1]
        given = given[: len(wanted)] if wanted else []
    return len(wanted) == len(given) and all(
        part in ("*", segment) for part, segment in zip(wanted, given, strict=True)
    )


def event_id(function: Function, message: Message, index: int | None = None) -> EventId:
    """What the function publishes or forwards for the message, or for one element of a list.

    The same whenever it runs for it: a run that is repeated after a crash publishes nothing twice.
    """
    text = f"{message.tenant}/{message.id}/{function.id}{_of_element(index)}"
    return EventId(new_id("evt", message.received_at, hashlib.sha256(text.encode()).digest()[:10]))


def own_event_id(given: str, function: Function, message: Message, index: int | None) -> EventId:
    """The id that the function gives its event, made this function's own, and this resubmit's."""
    run = message.id if message.original else ""
    text = f"{given}/{function.id}/{run}{_of_element(index)}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return EventId(f"{given[:_GIVEN_CHARACTERS]}-{digest[:_OWN_CHARACTERS]}")


def _of_element(index: int | None) -> str:
    return "" if index is None else f"/{index}"
