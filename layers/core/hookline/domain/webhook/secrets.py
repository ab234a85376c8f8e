"""The rules of what is secret about a webhook: signing secret, credentials, sensitive headers.

Secrets read as `MASK`, and `MASK` sent back keeps what is stored (reference row UN-8), unless the
url's origin changes: then credentials must be brought again, so that nobody who may edit a webhook
can have stored ones sent elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookline.domain.documents import strict_json
from hookline.domain.documents.fields import Fields
from hookline.domain.net.header_rules import header_problems, is_field_value, is_sensitive
from hookline.domain.net.urls import InvalidUrl, parse_url
from hookline.domain.webhook.signing import validate_secret
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import (
    MASK,
    Auth,
    BasicAuth,
    BearerAuth,
    Webhook,
    WebhookSecrets,
)

MAX_SECRETS_BYTES = 4_000
"""All secrets of one webhook together, as they are sealed: KMS encrypts 4,096 bytes at most."""

MAX_CREDENTIAL = MAX_SECRETS_BYTES
"""In characters; how much really fits depends on the other secrets."""

DEFAULT_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)
"""How long the signing secret before a rotation signs too (product rule)."""

_NOTHING_KEPT = "has nothing stored to keep: give the value itself"
_BRING_AGAIN = "must be sent again: the url's origin changed"


@dataclass(frozen=True, slots=True)
class Kept:
    """The webhook and its secrets as they stand before an edit."""

    webhook: Webhook
    secrets: WebhookSecrets
    rules: Surroundings

    def at_origin_of(self, url: str) -> bool:
        """Whether calls to ``url`` go where the stored credentials went.

        A stored url that the stack no longer allows is at no origin.
        """
        before = self._origin(self.webhook.url)
        return before is not None and before == self._origin(url)

    def _origin(self, url: str) -> str | None:
        try:
            return parse_url(
                url,
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


def read_headers(fields: Fields, kept: Kept | None, url: str, prefix: str) -> Headers:
    """The custom headers (reference rows IZ-1, UN-1, ET-10)."""
    given = fields.inner("headers")
    values = fields.raw("headers")
    texts: dict[str, str] = {}
    for name, value in (values if isinstance(values, dict) else {}).items():
        if given.raw(name) is None:
            continue
        if isinstance(value, str):
            texts[name] = value
        else:
            given.refuse(name, "must be a string")
    sensitive = _sensitive(texts, given, kept, url)
    for name, problem in header_problems(texts | sensitive, metadata_prefix=prefix).items():
        if name:
            given.refuse(name, problem)
        else:
            fields.refuse("headers", problem)
    stored = {name: MASK if name in sensitive else value for name, value in texts.items()}
    return Headers(stored, sensitive)


def read_auth(fields: Fields, kept: Kept | None, url: str) -> tuple[Auth | None, str | None]:
    """How calls authenticate, and the password or token (reference row ET-9)."""
    auth = fields.inner("auth")
    if not fields.has("auth"):
        return None, None
    if not isinstance(fields.raw("auth"), dict):
        return None, None
    if not auth.has("type"):
        auth.refuse("type", "is required")
    kind = auth.choice("type", ("basic", "bearer"), "basic")
    if fields.findings.touch(auth.path_of("type")):
        return None, None
    if kind == "basic":
        username = auth.required_text("username", MAX_CREDENTIAL)
        if ":" in username:
            auth.refuse("username", "must not hold a colon (RFC 7617)")
        password = _credential(auth, "password", kept, url, BasicAuth)
        auth.close()
        return BasicAuth(username), password
    token = _credential(auth, "token", kept, url, BearerAuth)
    if token is not None and not is_field_value(token):
        auth.refuse("token", "must be printable ASCII without spaces at its ends")
    auth.close()
    return BearerAuth(), token


def read_secret(fields: Fields, kept: Kept | None, fresh: str) -> str:
    """The signing secret: the one given, the one kept, or ``fresh`` for a webhook without one."""
    given = fields.raw("secret")
    if given == MASK and kept is None:
        fields.refuse("secret", _NOTHING_KEPT)
    if given is None or given == MASK:
        return fresh if kept is None else kept.secrets.signing
    if not isinstance(given, str):
        fields.refuse("secret", "must be a string")
        return fresh
    problem = validate_secret(given)
    if problem:
        fields.refuse("secret", problem)
    return given


def fit_together(secrets: WebhookSecrets) -> bool:
    """Whether one call of KMS can seal them."""
    return len(strict_json.dumps(secrets.as_plain()).encode()) <= MAX_SECRETS_BYTES


def kept_previous(
    kept: Kept | None, signing: str, now: datetime
) -> tuple[str | None, datetime | None]:
    """The previous secret as it stays on through an edit: not past a new one, nor past its time."""
    if kept is None or kept.secrets.signing != signing:
        return None, None
    expires = kept.secrets.previous_expires_at
    if expires is None or expires <= now:
        return None, None
    return kept.secrets.previous_signing, expires


def _sensitive(
    texts: Mapping[str, str], given: Fields, kept: Kept | None, url: str
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
            given.refuse(name, _NOTHING_KEPT)
        elif not kept.at_origin_of(url):
            given.refuse(name, _BRING_AGAIN)
        else:
            clear[name] = stored[name.lower()]
    return clear


def _credential(
    auth: Fields, name: str, kept: Kept | None, url: str, kind: type[Auth]
) -> str | None:
    if not auth.has(name):
        auth.refuse(name, "is required")
    value = auth.text(name, MAX_CREDENTIAL)
    if value != MASK:
        return value
    if kept is None or not isinstance(kept.webhook.auth, kind) or not kept.secrets.credential:
        auth.refuse(name, _NOTHING_KEPT)
        return None
    if not kept.at_origin_of(url):
        auth.refuse(name, _BRING_AGAIN)
    return kept.secrets.credential
