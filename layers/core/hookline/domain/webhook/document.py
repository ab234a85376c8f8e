"""A webhook as the JSON document that its users write and read.

`webhook_of` makes a webhook of a document, or names every rule it breaks; `document_of` is the way
back, secrets masked; `patched` is what a merge patch makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from hookline.domain.documents.fields import Fields, Findings, set_by_the_server
from hookline.domain.documents.merge_patch import edited
from hookline.domain.times import iso
from hookline.domain.webhook.rules import (
    MAX_ACTIVATION_TEXT,
    MAX_DESCRIPTION,
    MAX_NAME,
    READ_ONLY,
    Record,
    read_certificate,
    read_content_type,
    read_events,
    read_filter,
    read_method,
    read_rate_limit,
    read_retry,
    read_scope,
    read_signatures,
    read_template,
    read_url,
)
from hookline.domain.webhook.secrets import (
    Kept,
    fit_together,
    kept_previous,
    read_auth,
    read_headers,
    read_secret,
)
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import MASK, BasicAuth, BearerAuth, Webhook, WebhookSecrets

DEFAULT_TIMEOUT = timedelta(seconds=10)


def webhook_of(
    document: Mapping[str, object],
    record: Record,
    rules: Surroundings,
    *,
    fresh_secret: str,
    kept: Kept | None = None,
) -> tuple[Webhook, WebhookSecrets]:
    """The webhook, not yet sealed, and its secrets in clear.

    ``fresh_secret`` is used where the document names none. ``kept`` is what stands before an edit.
    Raises Rejected with every FieldError.
    """
    fields = Fields(document, Findings())
    url = read_url(fields, rules)
    headers = read_headers(fields, kept, url, rules.header_prefix)
    auth, credential = read_auth(fields, kept, url)
    if auth is not None and any(name.lower() == "authorization" for name in headers.stored):
        fields.refuse("auth", "cannot be combined with an Authorization header")
    signing = read_secret(fields, kept, fresh_secret)
    previous, previous_expires_at = kept_previous(kept, signing, record.updated_at)
    secrets = WebhookSecrets(
        signing=signing,
        previous_signing=previous,
        previous_expires_at=previous_expires_at,
        credential=credential,
        headers=headers.sensitive,
    )
    if not fit_together(secrets):
        largest = "headers" if headers.sensitive else "auth"
        fields.refuse(largest, "all secrets of a webhook together must fit 4,000 bytes")
    template = read_template(fields)
    timeout = fields.number("timeout_seconds", 1, 30)
    webhook = Webhook(
        tenant=record.tenant,
        id=record.id,
        name=fields.required_text("name", MAX_NAME),
        description=fields.prose("description", MAX_DESCRIPTION) or "",
        url=url,
        method=read_method(fields),
        content_type=read_content_type(fields, has_template=template is not None),
        headers=headers.stored,
        enabled=fields.boolean("enabled", default=True),
        events=read_events(fields),
        scope=read_scope(fields),
        filter=read_filter(fields),
        context=fields.text("context", MAX_ACTIVATION_TEXT),
        user=fields.text("user", MAX_ACTIVATION_TEXT),
        body_template=template,
        include_entity=fields.boolean("include_entity", default=True),
        signatures=read_signatures(fields),
        auth=auth,
        ca_certificate=read_certificate(fields),
        timeout=DEFAULT_TIMEOUT if timeout is None else timedelta(seconds=timeout),
        retry=read_retry(fields, rules),
        rate_limit_per_second=read_rate_limit(fields),
        sealed_secrets="",
        version=record.version,
        created_at=record.created_at,
        created_by=record.created_by,
        updated_at=record.updated_at,
        updated_by=record.updated_by,
    )
    fields.close(set_by_the_server(READ_ONLY))
    fields.findings.settle()
    return webhook, secrets


def document_of(webhook: Webhook) -> dict[str, object]:
    """All fields that can be set, each with its value; secrets as `MASK`."""
    retry = webhook.retry
    limit = webhook.rate_limit_per_second
    return {
        "name": webhook.name,
        "description": webhook.description,
        "url": webhook.url,
        "method": webhook.method,
        "content_type": webhook.content_type,
        "headers": dict(webhook.headers),
        "enabled": webhook.enabled,
        "events": list(webhook.events),
        "scope": {
            "projects": sorted(webhook.scope.projects),
            "entities": sorted(webhook.scope.entities),
            "environments": sorted(webhook.scope.environments),
        },
        "filter": webhook.filter,
        "context": webhook.context,
        "user": webhook.user,
        "body_template": webhook.body_template,
        "include_entity": webhook.include_entity,
        "secret": MASK,
        "signatures": list(webhook.signatures),
        "auth": _auth_document(webhook),
        "ca_certificate": webhook.ca_certificate,
        "timeout_seconds": _seconds(webhook.timeout),
        "retry": {
            "initial_delay_seconds": _seconds(retry.initial_delay),
            "multiplier": _short(retry.multiplier),
            "max_delay_seconds": _seconds(retry.max_delay),
            "max_attempts": retry.max_attempts,
            "max_age_seconds": _seconds(retry.max_age),
        },
        "rate_limit": None if limit is None else {"per_second": _short(limit)},
    }


def patched(webhook: Webhook, patch: Mapping[str, object]) -> dict[str, object]:
    """The document after a merge patch, to be read by `webhook_of`.

    An auth of another type replaces the one that stands.
    """
    fixed = {
        "id": webhook.id,
        "tenant": webhook.tenant,
        "created_at": iso(webhook.created_at),
        "created_by": webhook.created_by,
    }
    return edited(
        document_of(webhook), patch, fixed=fixed, moving=READ_ONLY - fixed.keys(), parts={"auth"}
    )


def _auth_document(webhook: Webhook) -> dict[str, object] | None:
    match webhook.auth:
        case BasicAuth(username):
            return {"type": "basic", "username": username, "password": MASK}
        case BearerAuth():
            return {"type": "bearer", "token": MASK}
        case None:
            return None


def _seconds(span: timedelta) -> float:
    return _short(span.total_seconds())


def _short(number: float) -> float:
    return int(number) if number.is_integer() else number
