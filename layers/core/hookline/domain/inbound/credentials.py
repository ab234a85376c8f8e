"""Which parts of a call are credentials: they are used to verify it and then not kept."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from hookline.domain.inbound.configuration import Configuration
from hookline.domain.inbound.message import Call
from hookline.domain.inbound.verification import HeaderToken, QueryToken
from hookline.domain.webhook import MASK

_WHOLE = frozenset({"authorization", "proxy-authorization", "cookie"})
_PARTS = ("token", "secret", "passw", "apikey", "credential")


def credential_names(configuration: Configuration) -> frozenset[str]:
    """The headers and query parameters that any of the tenant's providers takes a token from."""
    names: set[str] = set()
    for provider in configuration.providers:
        match provider.verification:
            case HeaderToken(name) | QueryToken(name):
                names.add(name)
            case _:
                pass
    return frozenset(names)


def without_credentials(call: Call, names: AbstractSet[str] = frozenset()) -> Call:
    """The call with `MASK` in place of every credential; signatures stay, they prove one body only.

    ``names`` are those the configuration tells; well-known ones are masked besides.
    """
    return replace(
        call,
        headers={
            name: MASK if name in names or _is_credential(name) else value
            for name, value in call.headers.items()
        },
        query={
            name: (MASK,) * len(values) if name in names or _is_credential(name) else values
            for name, values in call.query.items()
        },
    )


def _is_credential(name: str) -> bool:
    plain = name.lower().replace("-", "").replace("_", "")
    return name.lower() in _WHOLE or any(part in plain for part in _PARTS)
