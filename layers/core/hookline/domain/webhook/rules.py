"""The rules of a webhook that depend on more than one of its fields, or on the stack.

What each field may hold by itself is declared in `hookline.domain.webhook.fields`. Secrets have
rules of their own in `hookline.domain.webhook.secrets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.documents.kinds import Findings
from hookline.domain.ids import PrincipalId, TenantId, WebhookId
from hookline.domain.net.header_rules import FORM, JSON, is_platform_owned, media_type
from hookline.domain.net.urls import InvalidUrl, parse_url
from hookline.domain.sandbox.language import Language
from hookline.domain.sandbox.mustache_lint import InvalidTemplate
from hookline.domain.sandbox.templates import check_template
from hookline.domain.webhook.fields import (
    HmacSignatureFields,
    RetryFields,
    ScopeFields,
    WebhookFields,
)
from hookline.domain.webhook.place_templates import header_problem, url_problem, without_fields
from hookline.domain.webhook.signing import Signature, headers_of, signature_of
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import RetryPolicy, Scope, Webhook

MAX_SCOPE_BYTES = 40 * 1024
"""All lists together: each of 45 subscriptions carries them, and a transaction holds 4 MB."""

EVERYTHING = "*"

BUILT_IN_TYPES = frozenset({JSON, FORM})
"""Media types that need no template (reference row ET-4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the server itself knows about a webhook."""

    tenant: TenantId
    id: WebhookId
    version: int
    created_at: datetime
    created_by: PrincipalId
    updated_at: datetime
    updated_by: PrincipalId


def check_url(url: str, rules: Surroundings, findings: Findings) -> None:
    """Notes why a url must not be called, as far as can be told without a look-up."""
    if url:
        try:
            parse_url(
                without_fields(url),
                allow_http=rules.allow_http,
                allowed_networks=rules.allowed_networks,
            )
        except InvalidUrl as error:
            findings.add("url", error.reason)


def check_templates(
    given: WebhookFields,
    language: Language,
    headers: Mapping[str, str],
    findings: Findings,
    before: Webhook | None,
) -> None:
    """Notes what is wrong with the templates of body, url and ``headers`` (clear values).

    A body's template that was there ``before`` an edit is not checked again: it was saved under the
    rules of its time, and must not keep anybody from switching the webhook off.
    """
    stands = before is not None and (before.body_template, before.template_language) == (
        given.body_template,
        language,
    )
    if given.body_template is not None and not stands and not findings.touch("body_template"):
        note_template("body_template", given.body_template, language, findings)
    if problem := url_problem(given.url, language):
        findings.add("url", problem)
    for name, value in headers.items():
        if problem := header_problem(value, language):
            findings.add(f"headers.{name}", problem)


def note_template(field: str, template: str, language: Language, findings: Findings) -> None:
    """Notes why a template cannot be saved, with line and column."""
    try:
        check_template(template, language)
    except InvalidTemplate as error:
        findings.add(field, error.detail)


def signatures_of(
    given: WebhookFields, standard: Sequence[object], headers: Iterable[str], findings: Findings
) -> tuple[Signature, ...]:
    """The signatures; those of the format (``standard``) if none are named."""
    plain = standard if given.signatures is None else given.signatures
    signatures = tuple(
        signature_of(each.values if isinstance(each, HmacSignatureFields) else each)
        for each in plain
    )
    taken = {"content-type", "authorization", "user-agent", "traceparent"}
    for header in headers_of(signatures):
        if is_platform_owned(header) or header.lower() in taken:
            findings.add("signatures", f"must not use the header {header} for one of them")
        taken.add(header.lower())
    if {"standard", "standard-ed25519"} <= set(signatures):
        findings.add("signatures", "must have one of standard and standard-ed25519: each has keys")
    own = {name.lower(): name for name in headers}
    for header in headers_of(signatures):
        if header.lower() in own:
            findings.add(f"headers.{own[header.lower()]}", "is set by the platform")
    return signatures


def check_content_type(content_type: str, findings: Findings, *, has_template: bool) -> None:
    """Notes that a media type which is not built in needs a template."""
    built_in = media_type(content_type) in BUILT_IN_TYPES
    if not built_in and not has_template and not findings.touch("content_type"):
        findings.add("content_type", "takes a body_template: only JSON and forms are built in")


def scope_of(given: ScopeFields, findings: Findings) -> Scope:
    """The scope. ``*`` in a list means all, as an empty list does (reference row UN-1)."""
    lists = (given.projects, given.entities, given.environments)
    projects, entities, environments = map(frozenset, lists)
    if sum(len(text.encode()) for text in (*projects, *entities, *environments)) > MAX_SCOPE_BYTES:
        findings.add("scope", f"must not have more than {MAX_SCOPE_BYTES} bytes of text")
    if EVERYTHING in projects | entities:
        # Listed projects OR listed entities: all of either is all of both.
        projects = entities = frozenset()
    return Scope(projects, entities, frozenset() if EVERYTHING in environments else environments)


def retry_of(given: RetryFields, rules: Surroundings, findings: Findings) -> RetryPolicy:
    """The retry policy (reference rows IZ-7 and AP-6)."""
    max_age = timedelta(seconds=given.max_age_seconds)
    if max_age >= rules.retention:
        days = rules.retention / timedelta(days=1)
        findings.add(
            "retry.max_age_seconds", f"must be below the {days:g} days that events are kept"
        )
    return RetryPolicy(
        initial_delay=timedelta(seconds=given.initial_delay_seconds),
        multiplier=float(given.multiplier),
        max_delay=timedelta(seconds=given.max_delay_seconds),
        max_attempts=given.max_attempts,
        max_age=max_age,
    )
