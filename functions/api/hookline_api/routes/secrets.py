"""GET …/webhooks/{webhook}/secret and POST …/secret/rotate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hookline.domain.identity.acts import Action
from hookline.domain.ids import TenantId
from hookline.domain.times import iso
from hookline.domain.webhook.fields import RotateFields
from hookline.services.webhook.rotate_secret import RotateSecret
from hookline_api.http.call import Authorize, Call, Reply, json_reply, webhook_id
from hookline_api.http.endpoint import Endpoint
from hookline_api.schemas import webhook as shapes

_SECRET = "/v1/tenants/<tenant>/webhooks/<webhook>/secret"  # noqa: S105 - a path


class SecretRoutes:
    """A webhook's signing secret, for its admins."""

    def __init__(self, *, authorize: Authorize, rotate: RotateSecret) -> None:
        self._authorize = authorize
        self._rotate = rotate

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_SECRET,
                name="get_webhook_secret",
                summary="Read the signing secret back",
                tag="webhooks",
                handler=self.get,
                answers={200: shapes.Secret},
            ),
            Endpoint(
                method="POST",
                path=f"{_SECRET}/rotate",
                name="rotate_webhook_secret",
                summary="Put another signing secret in place",
                description="Both secrets sign for the overlap, the current one first; the hex"
                " signatures, which hold one, are keyed with the previous until it ends. A rotation"
                " within an overlap ends that overlap.",
                tag="webhooks",
                handler=self.rotate,
                body=RotateFields,
                body_required=False,
                answers={200: shapes.Rotated},
            ),
        )

    def get(self, call: Call, tenant: str, webhook: str) -> Reply:
        """The secrets that sign now."""
        owner, of = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.READ_SECRET, of)
        secrets = self._rotate.read(owner, of)
        previous: dict[str, object] = {}
        if secrets.previous_secret is not None:
            previous = {
                "previous_secret": secrets.previous_secret,
                "previous_expires_at": _iso(secrets.previous_expires_at),
            }
        return json_reply({"secret": secrets.secret, **previous})

    def rotate(self, call: Call, tenant: str, webhook: str) -> Reply:
        """The new secret, and when the previous one stops signing."""
        owner, of = TenantId(tenant), webhook_id(webhook)
        caller = self._authorize(call.principal, owner, Action.ROTATE_SECRET, of)
        asked = RotateFields.of(call.document())
        overlap = timedelta(seconds=asked.overlap_seconds)
        rotated = self._rotate(caller, owner, of, asked.secret, overlap)
        return json_reply(
            {
                "secret": rotated.secret,
                "previous_expires_at": _iso(rotated.previous_expires_at),
            },
            secret_fields=("secret",),
        )


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else iso(instant)
