"""/v1/tenants/{tenant}/principals/{principal}/keys: what principals call with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aws_lambda_powertools.event_handler import Request, Response

from hookline.domain.documents.fields import Fields, Findings
from hookline.domain.identity.rights import Action
from hookline.domain.ids import PrincipalId
from hookline.services.identity.manage_keys import ManageKeys
from hookline_api.http.bodies import shaped
from hookline_api.http.call import Authorize, call_of
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.path_ids import tenant_id
from hookline_api.http.replies import json_reply, no_content, secret_reply
from hookline_api.schemas import identity as shapes
from hookline_api.views.identity import key_json

_ALL = "/v1/tenants/<tenant>/principals/<principal>/keys"
_ONE = f"{_ALL}/<key>"


class KeyRoutes:
    """Issuing, listing and revoking keys."""

    def __init__(self, *, authorize: Authorize, manage: ManageKeys) -> None:
        self._authorize = authorize
        self._manage = manage

    def endpoints(self) -> Sequence[Endpoint]:
        """The four endpoints."""
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_keys",
                summary="List a principal's keys",
                tag="principals",
                handler=self.list,
                answers={200: shapes.KeyPage},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_key",
                summary="Issue a key",
                description="The answer holds the key in clear, this once. A principal has at most"
                " two live keys: enough to change one for the other.",
                tag="principals",
                handler=self.create,
                body=shapes.KeyInput,
                body_required=False,
                answers={201: shapes.NewKey},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_key",
                summary="Read a key, without its text",
                tag="principals",
                handler=self.get,
                answers={200: shapes.Key},
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_key",
                summary="Revoke a key",
                description="It stops working within 60 seconds.",
                tag="principals",
                handler=self.delete,
                answers={204: None},
                refusals=(409,),
            ),
        )

    def list(self, request: Request, tenant: str, principal: str) -> Response[str]:
        """All that were not revoked: a handful, so that one page holds them."""
        owner = tenant_id(tenant)
        self._authorize(call_of(request).principal, owner, Action.READ_PRINCIPALS)
        found = self._manage.all(owner, PrincipalId(principal))
        return json_reply({"items": [key_json(key) for key in found], "next_cursor": None})

    def create(self, request: Request, tenant: str, principal: str) -> Response[str]:
        """201, with the key in clear."""
        call, owner = call_of(request), tenant_id(tenant)
        caller = self._authorize(call.principal, owner, Action.MANAGE_PRINCIPALS)
        wanted = shaped(shapes.KeyInput, call.json())
        expires_at = _instant("expires_at", wanted.expires_at)
        issued = self._manage.issue(caller, owner, PrincipalId(principal), expires_at)
        return secret_reply(
            key_json(issued.key) | {"key": issued.text},
            ("key",),
            201,
            {"Location": f"/v1/tenants/{owner}/principals/{principal}/keys/{issued.key.id}"},
        )

    def get(self, request: Request, tenant: str, principal: str, key: str) -> Response[str]:
        """One key."""
        owner = tenant_id(tenant)
        self._authorize(call_of(request).principal, owner, Action.READ_PRINCIPALS)
        return json_reply(key_json(self._manage.get(owner, PrincipalId(principal), key)))

    def delete(self, request: Request, tenant: str, principal: str, key: str) -> Response[str]:
        """204."""
        owner = tenant_id(tenant)
        caller = self._authorize(call_of(request).principal, owner, Action.MANAGE_PRINCIPALS)
        self._manage.revoke(caller, owner, PrincipalId(principal), key)
        return no_content()


def _instant(name: str, text: str | None) -> datetime | None:
    fields = Fields({name: text}, Findings())
    instant = fields.instant(name)
    fields.findings.settle()
    return instant
