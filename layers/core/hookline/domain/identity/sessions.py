"""Sessions: signed texts that act as a principal for a while. None is stored.

``hls_`` and base64url of a JSON document and its HMAC-SHA256 under the stack's signing key. To end
all sessions of a principal, a time is stored with it: those issued up to then are over
(`hookline.domain.identity.identity.StoredPrincipal`).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hookline.domain.documents import strict_json
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import from_iso, iso

PREFIX = "hls_"
_MAC_BYTES = 32


@dataclass(frozen=True, slots=True)
class Look:
    """How the console looks to whoever opens an owner link."""

    name: str | None = None
    logo: str | None = None
    colour: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Acts as a principal from ``issued_at`` until ``expires_at``."""

    tenant: TenantId
    principal_id: PrincipalId
    issued_at: datetime
    expires_at: datetime
    look: Look = Look()


def seal(key: bytes, session: Session) -> str:
    """The session's text, which only the holder of ``key`` can make."""
    look = session.look
    document = {
        "tenant": session.tenant,
        "principal": session.principal_id,
        "issued_at": iso(session.issued_at),
        "expires_at": iso(session.expires_at),
        "look": [look.name, look.logo, look.colour],
    }
    content = strict_json.dumps(document).encode()
    sealed = _mac(key, content) + content
    return PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(key: bytes, text: str) -> Session | None:
    """The session in a text; None if it was not sealed with ``key``."""
    body = text.removeprefix(PREFIX)
    try:
        sealed = base64.b64decode(body + "=" * (-len(body) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    content = sealed[_MAC_BYTES:]
    if not hmac.compare_digest(sealed[:_MAC_BYTES], _mac(key, content)):
        return None
    document: dict[str, Any] = json.loads(content)
    return Session(
        tenant=TenantId(document["tenant"]),
        principal_id=PrincipalId(document["principal"]),
        issued_at=from_iso(document["issued_at"]),
        expires_at=from_iso(document["expires_at"]),
        look=Look(*document["look"]),
    )


def _mac(key: bytes, content: bytes) -> bytes:
    # Has its own label, so that cursors and digests under the same key cannot pass for it.
    return hmac.digest(key, b"session/" + content, "sha256")
