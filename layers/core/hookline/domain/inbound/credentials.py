"""Which parts of a call are credentials: they verify it and are then not stored.

Nor is what users' functions, which may see secrets, say of them.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.message import Call
from hookline.domain.inbound.provider import ProviderSecrets
from hookline.domain.mask import MASK
from hookline.domain.request.scrubbing import as_shown

_WELL_KNOWN = frozenset(
    {
        *("authorization", "proxy_authorization", "cookie"),
        *("api_key", "apikey", "x_api_key", "x_apikey", "api_token", "x_api_token"),
        *("auth_token", "x_auth_token", "access_token", "x_access_token", "refresh_token"),
        *("id_token", "token", "x_token", "private_token", "job_token", "deploy_token"),
        *("secret", "x_secret", "client_secret", "shared_secret", "webhook_secret"),
        *("password", "passwd", "pwd", "credentials", "x_amz_security_token"),
        *("x_gitlab_token", "x_telegram_bot_api_secret_token"),
        *("x_vault_token", "x_webhook_token", "x_webhook_secret"),
    }
)
"""Names that hold a credential and nothing else; ``-`` counts as ``_``. Whole names:
``page_token``, ``secretary`` and ``x-goog-channel-token`` are data that functions use."""


def credential_names(configuration: Configuration) -> frozenset[str]:
    """The headers and query parameters that any of the tenant's providers takes a token from."""
    return frozenset(
        place.name
        for provider in configuration.providers
        for place in provider.verify.credentials
        if place.kind in ("header", "query")
    )


def without_credentials(
    call: Call, names: AbstractSet[str] = frozenset(), kept: AbstractSet[str] = frozenset()
) -> Call:
    """The call with `MASK` in place of every credential.

    Signatures stay: each proves one body only. ``names`` are the configured ones; well-known ones
    are masked too, except ``kept``.
    """
    names = names - kept
    return replace(
        call,
        headers={
            name: MASK if name not in kept and _is_credential(name, names) else value
            for name, value in call.headers.items()
        },
        query={
            name: (MASK,) * len(values) if _is_credential(name, names) else values
            for name, values in call.query.items()
        },
    )


def texts_of_call(call: Call, names: AbstractSet[str] = frozenset()) -> tuple[str, ...]:
    """What `without_credentials` masks, in the forms a function that saw the call could print."""
    texts: list[str] = []
    for name, value in call.headers.items():
        if _is_credential(name, names):
            texts += [value, *_inside(value)]
    for name, values in call.query.items():
        if _is_credential(name, names):
            texts += values
    return as_shown(texts)


def texts_of_provider(secrets: ProviderSecrets) -> tuple[str, ...]:
    """A provider's secrets, in the forms a function that knows them could print."""
    return as_shown([*secrets.credentials, *_texts_in(secrets.properties)])


def _inside(authorization: str) -> Iterator[str]:
    """The credentials after a scheme, and the password of Basic ones (RFC 7617)."""
    scheme, _, credentials = authorization.partition(" ")
    yield credentials
    if scheme.lower() == "basic":
        try:
            yield b64decode(credentials).decode(errors="ignore").partition(":")[2]
        except ValueError:  # no base64, or not even ASCII
            return


def _texts_in(value: object) -> Iterator[str]:
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            pending += each.values()
        elif isinstance(each, list | tuple):
            pending += each


def _is_credential(name: str, names: AbstractSet[str]) -> bool:
    return name in names or name.lower().replace("-", "_") in _WELL_KNOWN
