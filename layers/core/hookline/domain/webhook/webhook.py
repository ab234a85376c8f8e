"""A webhook: where calls go, for which events, how they are built, signed and retried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from hookline.domain.sandbox.language import Language
from hookline.domain.times import from_iso, iso
from hookline.domain.webhook.signing import Signature

if TYPE_CHECKING:
    from hookline.domain.webhook.formats import FormatName

Method = Literal["POST", "PUT", "PATCH", "GET"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait between attempts, and when to give up; the defaults reach 10 days."""

    initial_delay: timedelta = timedelta(seconds=5)
    multiplier: float = 3.0
    max_delay: timedelta = timedelta(seconds=43_200)
    max_attempts: int | None = None
    max_age: timedelta = timedelta(seconds=864_000)


@dataclass(frozen=True, slots=True)
class Scope:
    """Narrows the events: (entity listed OR project listed) AND environment listed.

    An empty list means all; an event without an environment passes any list of environments.
    """

    projects: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()

    @property
    def is_global(self) -> bool:
        """Whether it covers every project and entity of the tenant, which requires more rights."""
        return not self.projects and not self.entities


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """HTTP basic authentication; the password is among the webhook's secrets."""

    username: str


@dataclass(frozen=True, slots=True)
class BearerAuth:
    """A bearer token, which is among the webhook's secrets."""


Auth = BasicAuth | BearerAuth


@dataclass(frozen=True, slots=True)
class WebhookSecrets:
    """All secrets of one webhook, in clear. They are sealed together before being stored.

    ``signing`` is the current signing secret (``whsec_…``); ``previous_signing`` signs too until
    ``previous_expires_at``. ``credential`` is the password or token of its auth. ``headers`` maps
    the names of sensitive headers to their values.
    """

    signing: str = field(repr=False)
    previous_signing: str | None = field(default=None, repr=False)
    previous_expires_at: datetime | None = None
    credential: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def signing_at(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign at ``now``, the current one first."""
        expires = self.previous_expires_at
        if self.previous_signing is None or expires is None or expires <= now:
            return (self.signing,)
        return (self.signing, self.previous_signing)

    def as_plain(self) -> dict[str, object]:
        """As one JSON object, to be sealed."""
        expires = self.previous_expires_at
        return {
            "signing": self.signing,
            "previous_signing": self.previous_signing,
            "previous_expires_at": None if expires is None else iso(expires),
            "credential": self.credential,
            "headers": dict(self.headers),
        }

    @classmethod
    def from_plain(cls, fields: Mapping[str, Any]) -> WebhookSecrets:
        """The reverse of `as_plain`."""
        expires = fields.get("previous_expires_at")
        return cls(
            signing=fields["signing"],
            previous_signing=fields.get("previous_signing"),
            previous_expires_at=from_iso(expires) if expires else None,
            credential=fields.get("credential"),
            headers=fields.get("headers", {}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFields:
    """Fields that are the same in a request, the domain, the table and an answer.

    Such a field is declared here and in `hookline.domain.webhook.fields`, and nowhere else. Fields
    added later have a default here, with which older items are read.
    """

    name: str
    url: str
    description: str = ""
    method: Method = "POST"
    content_type: str = "application/json"
    enabled: bool = True
    filter: str | None = None
    context: str | None = None
    user: str | None = None
    body_template: str | None = None
    template_language: Language = "mustache"
    format: FormatName = "hookline"
    include_entity: bool = True
    ca_certificate: str | None = None


PLAIN = tuple(each.name for each in fields(PlainFields))
"""Their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(PlainFields):
    """One webhook's configuration; its secrets only as the sealed text that the vault opens.

    ``headers`` holds sensitive values as `MASK`; their clear values are in the sealed secrets.
    ``headers_hold_fields`` says that ``{{…}}`` in them means event fields: up to version 0.1 it was
    plain text. ``public_key`` verifies ``standard-ed25519``. ``version`` starts at 1 and grows by
    one with every change.
    """

    tenant: TenantId
    id: WebhookId
    events: tuple[str, ...]
    sealed_secrets: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    scope: Scope = Scope()
    signatures: tuple[Signature, ...] = ("standard",)
    public_key: str | None = None
    headers_hold_fields: bool = False
    auth: Auth | None = None
    timeout: timedelta = timedelta(seconds=10)
    retry: RetryPolicy = RetryPolicy()
    rate_limit_per_second: float | None = None
    version: int = 1
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime
    updated_by: PrincipalId


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What fan-out needs to know to decide whether an event is for a webhook, under one pattern."""

    tenant: TenantId
    webhook_id: WebhookId
    pattern: str
    scope: Scope
    filter: str | None
    context: str | None
    user: str | None
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """A page of subscriptions under one pattern; ``after`` is where the next begins, if any.

    ``unreadable`` counts those that somebody broke by hand.
    """

    subscriptions: Sequence[Subscription]
    after: WebhookId | None
    unreadable: int = 0


def subscriptions_of(webhook: Webhook) -> tuple[Subscription, ...]:
    """One subscription for each of its patterns; none while it is off."""
    if not webhook.enabled:
        return ()
    return tuple(
        Subscription(
            tenant=webhook.tenant,
            webhook_id=webhook.id,
            pattern=pattern,
            scope=webhook.scope,
            filter=webhook.filter,
            context=webhook.context,
            user=webhook.user,
            max_age=webhook.retry.max_age,
        )
        for pattern in webhook.events
    )
