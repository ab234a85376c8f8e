"""Idempotency-Key on POST: a repeated request gets the first answer and does nothing.

See draft-ietf-httpapi-idempotency-key-header. An answer is stored for 24 hours, with its secrets
sealed by KMS. Refused requests changed nothing and are not stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol, assert_never

from hookline.domain.documents import strict_json
from hookline.domain.identity.acts import Action
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import TenantId, WebhookId
from hookline.errors import Conflict, FieldError, Rejected, Unavailable
from hookline.ports import Clock
from hookline.ports.requests import (
    Fresh,
    IdempotencyRecords,
    IdempotentRequest,
    InProgress,
    Mismatch,
    Replay,
    StoredAnswer,
)
from hookline.services.identity.authorize import Authorize
from hookline_api.http.call import JSON, Call, Reply

_MOST = 20
"""More rights than any request asks for, so that the list cannot grow without end."""

type PlainRight = Sequence[str | None]
"""An action's name, its tenant and its webhook."""

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

_KEY = re.compile(r"[!-~]{1,255}")
_LONGEST_PATH = 1_024
"""In bytes; no resource has a path this long, and with its key it would not fit DynamoDB's
2,048."""

_LEASE = timedelta(seconds=40)
"""Longer than the function may run: if it died, it no longer holds the request by then."""

_LARGEST_PLAIN = 100_000
"""In bytes; a longer answer is compressed: a large template's JSON grows with each escaping."""

_LARGEST_STORED = 390_000
"""In bytes; an item holds 400 KB. Only answers that change nothing get larger: they are made
again."""

_LARGEST_SEALED = 4_096
"""Bytes that KMS encrypts (`hookline.adapters.aws.kms.Sealer`)."""

_LOG = logging.getLogger("hookline.api")


class RememberedRights:
    """The gate of all routes; it remembers what it allowed.

    A stored answer is only shown to a caller who still has those rights. A function answers one
    request at a time.
    """

    def __init__(self, authorize: Authorize) -> None:
        self._authorize = authorize
        self._passed = deque[tuple[Action, TenantId | None, WebhookId | None]](maxlen=_MOST)
        self.visible = authorize.visible
        self.levels = authorize.levels
        self.becomes_admin = authorize.becomes_admin

    def __call__(
        self,
        principal: Principal,
        tenant: TenantId | None,
        action: Action,
        webhook_id: WebhookId | None = None,
    ) -> Principal:
        """As `Authorize` does."""
        caller = self._authorize(principal, tenant, action, webhook_id)
        self._passed.append((action, tenant, webhook_id))
        return caller

    def forget(self) -> None:
        """Must be called when another request begins."""
        self._passed.clear()

    def as_plain(self) -> Sequence[PlainRight]:
        """The rights that this request used, to be stored with its answer."""
        return [(action.value, tenant, webhook) for action, tenant, webhook in self._passed]

    def demand(self, principal: Principal, kept: Iterable[PlainRight]) -> None:
        """Raises as `Authorize` does if any of them is no longer granted."""
        for action, tenant, webhook in kept:
            self._authorize(
                principal,
                None if tenant is None else TenantId(tenant),
                Action(action),
                None if webhook is None else WebhookId(webhook),
            )


class Seal(Protocol):
    """Encrypts short texts; in production `hookline.adapters.aws.kms.Sealer`."""

    def seal(self, text: str, context: Mapping[str, str]) -> str:
        """The sealed text, which only opens in the same context."""
        ...

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        """The text that was sealed."""
        ...


class Idempotency:
    """Wraps every POST.

    ``key`` keys the digests of bodies, ``rights`` is the gate. ``records`` is only called for
    requests with an Idempotency-Key.
    """

    def __init__(
        self,
        *,
        records: Callable[[], IdempotencyRecords],
        rights: RememberedRights,
        seal: Seal,
        key: bytes,
        clock: Clock,
    ) -> None:
        self._records = records
        self._rights = rights
        self._seal = seal
        self._key = key
        self._clock = clock

    def around(self, call: Call, answered: Callable[[], Reply]) -> Reply:
        """The route's answer, or the one it gave before.

        Raises Conflict for a key that was used with another body or is in use, Rejected for a
        malformed one.
        """
        key = call.headers.get(HEADER.lower())
        if key is None or len(call.path.encode()) > _LONGEST_PATH:
            return answered()
        if not _KEY.fullmatch(key):
            raise Rejected([FieldError(HEADER, "must be 1 to 255 printable characters")])
        request = IdempotentRequest(
            principal=call.principal.id,
            target=f"POST {call.path}",
            key=key,
            digest=hmac.digest(self._key, b"idempotency/" + call.body, hashlib.sha256).hex(),
        )
        match self._records().begin(request, self._clock(), _LEASE):
            case Fresh(holder):
                return self._answer(answered, request, holder)
            case Replay(answer):
                return self._replayed(call, request, answer)
            case Mismatch():
                raise Conflict(
                    f"This {HEADER} was used for another request.", "idempotency_key_reused"
                )
            case InProgress():
                raise Conflict(
                    f"A request with this {HEADER} is being answered. Try again.",
                    "idempotency_in_progress",
                )
            case _ as unreachable:
                assert_never(unreachable)

    def _answer(
        self, answered: Callable[[], Reply], request: IdempotentRequest, holder: str
    ) -> Reply:
        self._rights.forget()
        try:
            reply = answered()
        except Exception:
            self._records().give_up(request, holder)
            raise
        try:
            stored = self._stored(request, reply)
            if stored is None or len(stored.body.encode()) > _LARGEST_STORED:
                self._records().give_up(request, holder)
            else:
                self._records().finish(request, holder, stored)
        except Unavailable:
            # The request is done: failing to store its answer must not look like a failure.
            _LOG.warning("idempotency.not_kept", exc_info=True)
        return reply

    def _stored(self, request: IdempotentRequest, reply: Reply) -> StoredAnswer | None:
        """None if its secrets are too long to seal: sessions with a picture.

        These change nothing.
        """
        kept: dict[str, object] = {"body": reply.body}
        if reply.secret_fields:
            body: dict[str, object] = json.loads(reply.body)
            secrets = {name: body.pop(name) for name in reply.secret_fields if name in body}
            text = strict_json.dumps(secrets)
            if len(text.encode()) > _LARGEST_SEALED:
                return None
            sealed = self._seal.seal(text, _context(request))
            kept = {"body": strict_json.dumps(body), "sealed": sealed}
        kept["rights"] = self._rights.as_plain()
        return StoredAnswer(reply.status, _packed(strict_json.dumps(kept)), dict(reply.headers))

    def _replayed(self, call: Call, request: IdempotentRequest, answer: StoredAnswer) -> Reply:
        """Raises NotFound and Forbidden if the caller no longer has the rights it used."""
        kept: dict[str, Any] = json.loads(_unpacked(answer.body))
        self._rights.demand(call.principal, kept.get("rights", ()))
        body = kept["body"]
        sealed = kept.get("sealed")
        if sealed is not None:
            shown = json.loads(self._seal.open(sealed, _context(request)))
            body = strict_json.dumps(json.loads(body or "{}") | shown)
        return Reply(answer.status, body or "", JSON, {**answer.headers, REPLAYED: "true"})


def _context(request: IdempotentRequest) -> dict[str, str]:
    return {"principal": request.principal, "idempotency": request.target}


def _packed(text: str) -> str:
    """The text, or a JSON object with the text compressed."""
    content = text.encode()
    if len(content) <= _LARGEST_PLAIN:
        return text
    return strict_json.dumps({"zlib": base64.b64encode(zlib.compress(content)).decode()})


def _unpacked(stored: str) -> str:
    compressed = json.loads(stored).get("zlib")
    return stored if compressed is None else zlib.decompress(base64.b64decode(compressed)).decode()
