"""The rules of a webhook's secrets: signing secret, credentials, sensitive headers.

Secrets read as `MASK`, and `MASK` sent back keeps what is stored (reference row UN-8). When the
url's origin changes, credentials must be given again: otherwise whoever may edit a webhook could
have stored ones sent elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from hookline.domain.documents import strict_json
from hookline.domain.documents.kinds import Findings
from hookline.domain.mask import MASK
from hookline.domain.net.header_rules import header_problems, is_sensitive
from hookline.domain.net.urls import InvalidUrl, parse_url
from hookline.domain.webhook.fields import BasicAuthFields, BearerAuthFields, WebhookFields
from hookline.domain.webhook.place_templates import without_fields
from hookline.domain.webhook.signing import Signature, validate_secret
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import Auth, BasicAuth, BearerAuth, Webhook, WebhookSecrets

MAX_SECRETS_BYTES = 4_000
"""All secrets of one webhook together, as they are sealed: KMS encrypts 4,096 bytes at most."""

_NOTHING_KEPT = "has nothing stored to keep: give the value itself"
_BRING_AGAIN = "must be sent again: the url's origin changed"


@dataclass(frozen=True, slots=True)
class Kept:
    """The webhook and its secrets before an edit."""

    webhook: Webhook
    secrets: WebhookSecrets
    rules: Surroundings

    def at_origin_of(self, url: str) -> bool:
        """Whether calls to ``url`` go where the stored credentials went.

        False if the stack no longer allows the stored url.
        """
        before = self._origin(self.webhook.url)
        return before is not None and before == self._origin(url)

    def _origin(self, url: str) -> str | None:
        try:
            return parse_url(
                without_fields(url),
                allow_http=self.rules.allow_http,
                allowed_networks=self.rules.allowed_networks,
            ).origin
        except InvalidUrl:
            return None


@dataclass(frozen=True, slots=True)
class Headers:
    """A webhook's headers: as they are stored, and the clear values of the sensitive ones."""

    stored: Mapping[str, str]
    sensitive: Mapping[str, str]


def read_headers(
    given: WebhookFields, findings: Findings, kept: Kept | None, prefix: str
) -> Headers:
    """The custom headers (reference rows IZ-1, UN-1, ET-10)."""
    texts = dict(given.headers)
    sensitive = _sensitive(texts, findings, kept, given.url)
    for name, problem in header_problems(texts | sensitive, metadata_prefix=prefix).items():
        findings.add(f"headers.{name}" if name else "headers", problem)
    for name in texts:
        if name.lower() == "content-type":
            # Values are escaped by content_type: another one in the header would turn them into
            # markup.
            findings.add(f"headers.{name}", "is set by the field content_type: say it there")
    stored = {name: MASK if name in sensitive else value for name, value in texts.items()}
    return Headers(stored, sensitive)


def read_auth(
    given: WebhookFields, findings: Findings, kept: Kept | None
) -> tuple[Auth | None, str | None]:
    """How calls authenticate, and the password or token (reference row ET-9)."""
    auth: Auth
    match given.auth:
        case BasicAuthFields(username=username, password=clear):
            auth, field = BasicAuth(username), "auth.password"
        case BearerAuthFields(token=clear):
            auth, field = BearerAuth(), "auth.token"
        case _:
            return None, None
    if clear != MASK:
        return auth, clear
    if (
        kept is None
        or not isinstance(kept.webhook.auth, type(auth))
        or kept.secrets.credential is None
    ):
        findings.add(field, _NOTHING_KEPT)
        return auth, None
    if not kept.at_origin_of(given.url):
        findings.add(field, _BRING_AGAIN)
    return auth, kept.secrets.credential


def read_secret(
    given: WebhookFields,
    findings: Findings,
    kept: Kept | None,
    fresh: str,
    signatures: Collection[Signature],
) -> str:
    """The signing secret: the one given, the one kept, or ``fresh`` if there is neither.

    It must suit the signatures; a kept one must too when they change.
    """
    secret = given.secret
    if secret == MASK and kept is None:
        findings.add("secret", _NOTHING_KEPT)
    if secret is None or secret == MASK:
        secret = fresh if kept is None else kept.secrets.signing
    problem = validate_secret(secret, signatures)
    if problem and not findings.touch("secret"):
        findings.add("secret", problem)
    return secret


def fit_together(secrets: WebhookSecrets) -> bool:
    """Whether one call of KMS can seal them."""
    return len(strict_json.dumps(secrets.as_plain()).encode()) <= MAX_SECRETS_BYTES


def kept_previous(
    kept: Kept | None, signing: str, now: datetime, signatures: Collection[Signature]
) -> tuple[str | None, datetime | None]:
    """The previous secret, as far as it survives an edit.

    It ends with a new secret, with its time, and when it does not suit changed signatures.
    """
    if kept is None or kept.secrets.signing != signing:
        return None, None
    expires = kept.secrets.previous_expires_at
    previous = kept.secrets.previous_signing
    if expires is None or expires <= now or previous is None:
        return None, None
    if validate_secret(previous, signatures):
        return None, None
    return kept.secrets.previous_signing, expires


def _sensitive(
    texts: Mapping[str, str], findings: Findings, kept: Kept | None, url: str
) -> dict[str, str]:
    stored = {} if kept is None else {n.lower(): v for n, v in kept.secrets.headers.items()}
    clear: dict[str, str] = {}
    for name, value in texts.items():
        if not is_sensitive(name):
            continue
        clear[name] = value
        if value != MASK:
            continue
        if kept is None or name.lower() not in stored:
            findings.add(f"headers.{name}", _NOTHING_KEPT)
        elif not kept.at_origin_of(url):
            findings.add(f"headers.{name}", _BRING_AGAIN)
        else:
            clear[name] = stored[name.lower()]
    return clear
