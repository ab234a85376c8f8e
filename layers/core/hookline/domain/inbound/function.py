"""A function: what is done with the messages of one provider to one uri (reference row FD-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookline.domain.ids import FunctionId, PrincipalId, ProviderId, TenantId, WebhookId

MAX_FUNCTIONS = 400
"""Functions of one tenant: all of its configuration is read for each message."""

MAX_FUNCTIONS_OF_URI = 20
"""Functions of one provider and uri: their results together fit one item of 400 KB."""


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
