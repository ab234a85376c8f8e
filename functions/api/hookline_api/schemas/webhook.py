"""Webhooks, as they are written and read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from hookline.domain.event.patterns import MAX_PATTERN, TYPE_EXPRESSION
from hookline.domain.webhook.secrets import DEFAULT_OVERLAP, LONGEST_OVERLAP
from hookline.domain.webhook.signing import validate_secret
from hookline.domain.webhook.webhook import Method, SignatureScheme
from hookline_api.schemas.base import Answer, Input, Timestamp

ScopeList = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=256)]], Field(max_length=100)
]
Pattern = Annotated[str, Field(pattern=rf"^(\*|{TYPE_EXPRESSION}(\.\*)?)$", max_length=MAX_PATTERN)]
Seconds = Annotated[float, Field(ge=1, le=43_200)]


class Scope(Input):
    """Narrows the events: (entity OR project listed) AND environment listed; empty means all."""

    projects: ScopeList | None = None
    entities: ScopeList | None = None
    environments: ScopeList | None = None


class Auth(Input):
    """How calls authenticate: basic with username and password, or bearer with token."""

    type: Literal["basic", "bearer"]
    username: str | None = Field(default=None, min_length=1, max_length=4000)
    password: str | None = Field(default=None, min_length=1, max_length=4000)
    token: str | None = Field(default=None, min_length=1, max_length=4000)


class Retry(Input):
    """Waits grow from the initial delay by the multiplier up to the maximum, +-10% jitter."""

    initial_delay_seconds: Seconds | None = Field(default=None, description="Default 5.")
    multiplier: Annotated[float, Field(ge=1, le=10)] | None = Field(
        default=None, description="Default 3."
    )
    max_delay_seconds: Seconds | None = Field(default=None, description="Default 43200.")
    max_attempts: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None, description="Counts the first attempt; null for as many as the age allows."
    )
    max_age_seconds: Annotated[float, Field(ge=60, le=1_209_600)] | None = Field(
        default=None, description="Default 864000 (10 days). Below the events' retention."
    )


class RateLimit(Input):
    """Kept by the platform; calls wait, none is lost."""

    per_second: float = Field(ge=0.01, le=1000)


class _Optional(Input):
    description: str | None = Field(default=None, max_length=500)
    method: Method | None = Field(default=None, description="Default POST. GET has no body.")
    content_type: str | None = Field(
        default=None,
        max_length=255,
        description="`application/json` (default), `application/x-www-form-urlencoded`, or any"
        " media type when there is a template.",
    )
    headers: dict[str, str | None] | None = Field(
        default=None,
        description="Up to 40,480 characters together. Values of names that look sensitive are"
        " kept as secrets and read as `*****`.",
    )
    enabled: bool | None = Field(
        default=None, description="Default true. While it is off, events create no delivery for it."
    )
    scope: Scope | None = None
    filter: str | None = Field(
        default=None, max_length=4096, description="JMESPath over the event; called when truthy."
    )
    context: str | None = Field(
        default=None, min_length=1, max_length=500, description="Activation is computed for it."
    )
    user: str | None = Field(
        default=None, min_length=1, max_length=500, description="Activation is computed for it."
    )
    body_template: str | None = Field(
        default=None, max_length=131_072, description="Mustache, at most 128 KiB."
    )
    include_entity: bool | None = Field(
        default=None, description="Default true; false leaves `entity` out of the body."
    )
    secret: str | None = Field(
        default=None,
        description="`whsec_` and base64 of 24..64 bytes; made by the server when absent."
        " Reads as `*****`, which sent back keeps what is stored.",
    )
    signatures: list[SignatureScheme] | None = Field(
        default=None, max_length=3, description="Default `standard` alone."
    )
    auth: Auth | None = None
    ca_certificate: str | None = Field(
        default=None, max_length=16_384, description="PEM, trusted besides the public roots."
    )
    timeout_seconds: Annotated[float, Field(ge=1, le=30)] | None = Field(
        default=None, description="The whole call, connect to last byte. Default 10."
    )
    retry: Retry | None = None
    rate_limit: RateLimit | None = None


class WebhookInput(_Optional):
    """A new webhook."""

    name: str = Field(min_length=1, max_length=200, description="Unique in its tenant.")
    url: str = Field(
        min_length=1,
        max_length=2048,
        description="Absolute; https, a public host, no credentials in it.",
        examples=["https://example.com/hook"],
    )
    events: list[Pattern] = Field(
        min_length=1,
        max_length=45,
        description="Exact types, prefixes at a dot (`flow.*`), or `*`.",
        examples=[["flow.*"]],
    )


class WebhookPatch(_Optional):
    """A JSON Merge Patch (RFC 7396): null restores the default."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    url: str | None = Field(default=None, min_length=1, max_length=2048)
    events: list[Pattern] | None = Field(default=None, min_length=1, max_length=45)


class WebhookHealth(Answer):
    """How the endpoint is doing."""

    state: Literal["healthy", "failing", "circuit_open", "draining", "disabled"]
    consecutive_failures: int
    last_success_at: Timestamp | None
    last_failure_at: Timestamp | None
    disabled_reason: str | None


class WebhookItem(Answer):
    """A webhook in a list: without its template and certificate, which may be large."""

    id: str
    tenant: str
    name: str
    description: str
    url: str
    method: Method
    content_type: str
    headers: dict[str, str]
    enabled: bool
    events: list[str]
    scope: dict[str, list[str]]
    filter: str | None
    context: str | None
    user: str | None
    include_entity: bool
    secret: str
    signatures: list[SignatureScheme]
    auth: dict[str, Any] | None
    timeout_seconds: float
    retry: dict[str, float | None]
    rate_limit: dict[str, float] | None
    version: int
    created_at: Timestamp
    created_by: str
    updated_at: Timestamp
    updated_by: str
    health: WebhookHealth


class Webhook(WebhookItem):
    """One webhook. Secrets read as `*****`, but for the signing secret when it was just created."""

    body_template: str | None
    ca_certificate: str | None


class WebhookPage(Answer):
    """Webhooks the caller may see, newest first."""

    items: list[WebhookItem]
    next_cursor: str | None


def _signing_secret(text: str) -> str:
    # Checked with the shape, so that a refusal names the other fields too.
    problem = validate_secret(text)
    if problem:
        raise PydanticCustomError("signing_secret", problem)
    return text


class RotateInput(Input):
    """A rotation."""

    secret: Annotated[str, AfterValidator(_signing_secret)] | None = Field(
        default=None, description="`whsec_` and base64 of 24..64 bytes; made here when absent."
    )
    overlap_seconds: int = Field(
        default=int(DEFAULT_OVERLAP.total_seconds()),
        ge=0,
        le=int(LONGEST_OVERLAP.total_seconds()),
        description="How long the previous secret signs too.",
    )


class Rotated(Answer):
    """The new secret."""

    secret: str
    previous_expires_at: Timestamp | None


class Secret(Answer):
    """The secrets that sign now."""

    secret: str
    previous_secret: str | None = None
    previous_expires_at: Timestamp | None = None
