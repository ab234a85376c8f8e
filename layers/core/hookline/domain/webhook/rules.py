"""The rules of a webhook's fields: a JSON document becomes a `Webhook`, or all its errors.

The limits are those of the product's table of fields (reference rows IZ-1, UN-1, AP-1, ET-2 to
ET-10). Secrets have rules of their own in `hookline.domain.webhook.secrets`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from hookline.domain.documents.fields import Fields, none_of
from hookline.domain.event.patterns import MAX_PATTERN, validate_pattern
from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from hookline.domain.net.certificates import MAX_PEM_BYTES, parse_ca_certificates
from hookline.domain.net.media_types import FORM, JSON, essence
from hookline.domain.net.urls import MAX_URL_CHARACTERS, InvalidUrl, parse_url
from hookline.domain.sandbox.expressions import InvalidExpression, compile_expression
from hookline.domain.sandbox.mustache_lint import MAX_BYTES as MAX_TEMPLATE_BYTES
from hookline.domain.sandbox.mustache_lint import InvalidTemplate
from hookline.domain.sandbox.templates import check_template
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import Method, RetryPolicy, Scope, SignatureScheme

MAX_NAME = 200
MAX_DESCRIPTION = 500
MAX_EVENTS = 45
MAX_SCOPE = 100
MAX_SCOPE_TEXT = 256
MAX_SCOPE_BYTES = 40 * 1024
"""All lists together: each of 45 subscriptions carries them, and a transaction holds 4 MB."""

MAX_ACTIVATION_TEXT = 500
MAX_MEDIA_TYPE = 255
LONGEST_DELAY_SECONDS = 43_200  # SQS hides a message for 12 hours at most
LONGEST_AGE_SECONDS = 1_209_600  # SQS keeps a message for 14 days at most
MOST_ATTEMPTS = 10_000

EVERYTHING = "*"

READ_ONLY = frozenset(
    {"id", "tenant", "version", "health", "created_at", "created_by", "updated_at", "updated_by"}
)
"""What an answer holds beside the fields that can be set."""

BUILT_IN_TYPES = frozenset({JSON, FORM})
"""Media types that need no template (reference row ET-4)."""

# RFC 9110, 8.3.1: type "/" subtype, then parameters; quoted values without escapes are enough.
_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_MEDIA_TYPE = re.compile(rf'{_WORD}/{_WORD}(?: *; *{_WORD}=(?:{_WORD}|"[ !#-\[\]-~]*"))*')


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the server knows of a webhook by itself."""

    tenant: TenantId
    id: WebhookId
    version: int
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime
    updated_by: PrincipalId


def read_url(fields: Fields, rules: Surroundings) -> str:
    """The url, fit to be called as far as can be told without looking its name up."""
    url = fields.required_text("url", MAX_URL_CHARACTERS)
    if url:
        try:
            parse_url(url, allow_http=rules.allow_http, allowed_networks=rules.allowed_networks)
        except InvalidUrl as error:
            fields.refuse("url", error.reason)
    return url


def read_method(fields: Fields) -> Method:
    """The HTTP method."""
    return fields.choice("method", get_args(Method), "POST")


def read_events(fields: Fields) -> tuple[str, ...]:
    """The patterns subscribed to, at least one."""
    if fields.raw("events") is None:
        fields.refuse("events", "is required")
        return ()
    if fields.raw("events") == []:
        fields.refuse("events", "must have at least one item")
    return fields.texts("events", MAX_EVENTS, MAX_PATTERN, validate_pattern)


def read_scope(fields: Fields) -> Scope:
    """The scope. ``*`` in a list stands for all, as an empty list does (reference row UN-1)."""
    scope = fields.inner("scope")
    projects, entities, environments = (
        frozenset(scope.texts(name, MAX_SCOPE, MAX_SCOPE_TEXT))
        for name in ("projects", "entities", "environments")
    )
    scope.close()
    if sum(len(text.encode()) for text in (*projects, *entities, *environments)) > MAX_SCOPE_BYTES:
        fields.refuse("scope", f"must not have more than {MAX_SCOPE_BYTES} bytes of text")
    if EVERYTHING in projects | entities:
        # Listed projects OR listed entities: all of either is all of both.
        projects = entities = frozenset()
    return Scope(projects, entities, frozenset() if EVERYTHING in environments else environments)


def read_filter(fields: Fields) -> str | None:
    """The JMESPath filter."""
    text = fields.prose("filter", 4096)
    if text is not None:
        try:
            compile_expression(text)
        except InvalidExpression as error:
            fields.refuse("filter", error.detail)
    return text


def read_template(fields: Fields, name: str = "body_template") -> str | None:
    """The body's Mustache template."""
    text = fields.prose(name, MAX_TEMPLATE_BYTES)
    if text is not None:
        try:
            check_template(text)
        except InvalidTemplate as error:
            fields.refuse(name, error.detail)
    return text


def read_content_type(fields: Fields, *, has_template: bool) -> str:
    """The media type of the body; one that is not built in takes a template."""
    text = fields.text("content_type", MAX_MEDIA_TYPE)
    if text is None:
        return JSON
    if not _MEDIA_TYPE.fullmatch(text):
        fields.refuse("content_type", "must be a media type such as text/plain; charset=utf-8")
    elif not has_template and essence(text) not in BUILT_IN_TYPES:
        fields.refuse("content_type", "takes a body_template: only JSON and forms are built in")
    return text


def read_signatures(fields: Fields) -> tuple[SignatureScheme, ...]:
    """The signature schemes; an empty list sends no signature."""
    known: tuple[SignatureScheme, ...] = get_args(SignatureScheme)
    if fields.raw("signatures") is None:
        return ("standard",)
    names = fields.texts(
        "signatures", len(known), 32, lambda name: None if name in known else none_of(known)
    )
    return tuple(scheme for scheme in known if scheme in names)


def read_certificate(fields: Fields) -> str | None:
    """The private certificate authority (reference row UN-7)."""
    pem = fields.prose("ca_certificate", MAX_PEM_BYTES)
    if pem is not None:
        try:
            parse_ca_certificates(pem)
        except ValueError as error:
            fields.refuse("ca_certificate", str(error))
    return pem


def read_retry(fields: Fields, rules: Surroundings) -> RetryPolicy:
    """The retry policy (reference rows IZ-7 and AP-6)."""
    retry = fields.inner("retry")
    default = RetryPolicy()
    initial = retry.number("initial_delay_seconds", 1, LONGEST_DELAY_SECONDS)
    multiplier = retry.number("multiplier", 1, 10)
    longest = retry.number("max_delay_seconds", 1, LONGEST_DELAY_SECONDS)
    attempts = retry.integer("max_attempts", 1, MOST_ATTEMPTS)
    age = retry.number("max_age_seconds", 60, LONGEST_AGE_SECONDS)
    retry.close()
    max_age = default.max_age if age is None else timedelta(seconds=age)
    if max_age >= rules.retention:
        days = rules.retention / timedelta(days=1)
        retry.refuse("max_age_seconds", f"must be below the {days:g} days that events are kept")
    return RetryPolicy(
        initial_delay=default.initial_delay if initial is None else timedelta(seconds=initial),
        multiplier=default.multiplier if multiplier is None else float(multiplier),
        max_delay=default.max_delay if longest is None else timedelta(seconds=longest),
        max_attempts=attempts,
        max_age=max_age,
    )


def read_rate_limit(fields: Fields) -> float | None:
    """Calls per second; None for no limit."""
    limit = fields.inner("rate_limit")
    if not fields.has("rate_limit"):
        return None
    if not limit.has("per_second") and not fields.findings.touch(limit.path_of("per_second")):
        limit.refuse("per_second", "is required")
    per_second = limit.number("per_second", 0.01, 1_000)
    limit.close()
    return None if per_second is None else float(per_second)
