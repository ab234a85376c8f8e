"""A webhook as the JSON document that users write and read.

`webhook_of` makes a webhook of a document, or names every rule it breaks; `document_of` is the
reverse, with secrets masked; `patched` applies a merge patch.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from hookline.domain.documents.kinds import Findings
from hookline.domain.documents.merge_patch import edited
from hookline.domain.event.filters import doubts_about
from hookline.domain.mask import MASK
from hookline.domain.times import iso
from hookline.domain.webhook.fields import WebhookFields
from hookline.domain.webhook.formats import Format, format_of
from hookline.domain.webhook.place_templates import has_fields
from hookline.domain.webhook.rules import (
    Record,
    check_content_type,
    check_templates,
    check_url,
    retry_of,
    scope_of,
    signatures_of,
)
from hookline.domain.webhook.secrets import (
    Kept,
    fit_together,
    kept_previous,
    read_auth,
    read_headers,
    read_secret,
)
from hookline.domain.webhook.signing import (
    Signature,
    plain_of,
    public_key_of,
    secret_for,
    signature_of,
)
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import (
    PLAIN,
    Auth,
    BasicAuth,
    BearerAuth,
    Webhook,
    WebhookSecrets,
)
from hookline.errors import FieldError


def webhook_of(
    document: Mapping[str, object],
    record: Record,
    rules: Surroundings,
    *,
    fresh_secret: str,
    kept: Kept | None = None,
) -> tuple[Webhook, WebhookSecrets]:
    """The webhook, not yet sealed, and its secrets in clear.

    ``fresh_secret`` is used if the document names none. ``kept`` is the webhook before an edit.
    Raises Rejected with every FieldError.
    """
    findings = Findings()
    given = WebhookFields.read(document, findings)
    format_ = format_of(given.format)
    language = given.template_language or format_.template_language
    check_url(given.url, rules, findings)
    check_content_type(given.content_type, findings, has_template=given.body_template is not None)
    signatures = signatures_of(given, format_.signatures, given.headers, findings)
    _check_headers(given, format_, findings)
    secrets, headers, auth = _secret_parts(
        given, findings, record, rules, secret_for(signatures, fresh_secret), kept, signatures
    )
    clear = {**headers, **secrets.headers}
    check_templates(given, language, clear, findings, kept.webhook if kept else None)
    webhook = Webhook(
        tenant=record.tenant,
        id=record.id,
        events=given.events,
        sealed_secrets="",
        headers=headers,
        scope=scope_of(given.scope, findings),
        signatures=signatures,
        public_key=None if findings.errors else public_key_of(secrets.signing, signatures),
        headers_hold_fields=any(map(has_fields, clear.values())),
        auth=auth,
        timeout=timedelta(seconds=given.timeout_seconds),
        retry=retry_of(given.retry, rules, findings),
        rate_limit_per_second=None
        if given.rate_limit is None
        else float(given.rate_limit.per_second),
        version=record.version,
        created_at=record.created_at,
        created_by=record.created_by,
        updated_at=record.updated_at,
        updated_by=record.updated_by,
        **{name: given.values[name] for name in PLAIN} | {"template_language": language},  # type: ignore[arg-type] # each read by its kind
    )
    findings.settle()
    return webhook, secrets


def _secret_parts(
    given: WebhookFields,
    findings: Findings,
    record: Record,
    rules: Surroundings,
    fresh_secret: str,
    kept: Kept | None,
    signatures: tuple[Signature, ...],
) -> tuple[WebhookSecrets, Mapping[str, str], Auth | None]:
    """The secrets, the headers as they are stored, and how calls authenticate."""
    headers = read_headers(given, findings, kept, rules.header_prefix)
    auth, credential = read_auth(given, findings, kept)
    if auth is not None and any(name.lower() == "authorization" for name in headers.stored):
        findings.add("auth", "cannot be combined with an Authorization header")
    signing = read_secret(given, findings, kept, fresh_secret, signatures)
    previous, previous_expires_at = kept_previous(kept, signing, record.updated_at, signatures)
    secrets = WebhookSecrets(
        signing=signing,
        previous_signing=previous,
        previous_expires_at=previous_expires_at,
        credential=credential,
        headers=headers.sensitive,
    )
    if not fit_together(secrets):
        largest = "headers" if headers.sensitive else "auth"
        findings.add(largest, "all secrets of a webhook together must fit 4,000 bytes")
    return secrets, headers.stored, auth


def document_of(webhook: Webhook) -> dict[str, object]:
    """All fields that can be set; secrets as `MASK`."""
    retry = webhook.retry
    limit = webhook.rate_limit_per_second
    values: dict[str, object] = {
        **{name: getattr(webhook, name) for name in PLAIN},
        "headers": dict(webhook.headers),
        "events": list(webhook.events),
        "scope": {
            "projects": sorted(webhook.scope.projects),
            "entities": sorted(webhook.scope.entities),
            "environments": sorted(webhook.scope.environments),
        },
        "secret": MASK,
        "signatures": [plain_of(each) for each in webhook.signatures],
        "auth": _auth_document(webhook),
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
    return {name: values[name] for name in WebhookFields.fields}


def filter_warnings(webhook: Webhook) -> tuple[FieldError, ...]:
    """What in its filter is legal but hardly meant."""
    return tuple(FieldError("filter", doubt) for doubt in doubts_about(webhook.filter))


def patched(webhook: Webhook, patch: Mapping[str, object]) -> dict[str, object]:
    """The document after a merge patch, to be read by `webhook_of`.

    An auth of another type replaces the one that stands.
    """
    standing = {
        "id": webhook.id,
        "tenant": webhook.tenant,
        "public_key": webhook.public_key,
        "version": webhook.version,
        "created_at": iso(webhook.created_at),
        "created_by": webhook.created_by,
        "updated_at": iso(webhook.updated_at),
        "updated_by": webhook.updated_by,
    }
    document = document_of(webhook)
    if patch.get("format", webhook.format) != webhook.format:
        for name in _defaults_of(webhook):
            document.pop(name)
    return edited(document, patch, standing=standing, parts={"auth"})


def _defaults_of(webhook: Webhook) -> list[str]:
    """The fields that come from its format, and change with it."""
    format_ = format_of(webhook.format)
    found = []
    if webhook.signatures == tuple(map(signature_of, format_.signatures)):
        found.append("signatures")
    if webhook.body_template is None and webhook.template_language == format_.template_language:
        found.append("template_language")
    return found


def _check_headers(given: WebhookFields, format_: Format, findings: Findings) -> None:
    taken = {name.lower() for name in format_.headers}
    for name in given.headers:
        if name.lower() in taken:
            findings.add(f"headers.{name}", "is set by the platform")


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
