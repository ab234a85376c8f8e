"""/v1/tenants/{tenant}/principals/{principal}/keys: what principals call with."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.identity.acts import Action
from hookline.domain.identity.fields import KeyFields
from hookline.domain.ids import PrincipalId, TenantId
from hookline.services.identity.manage_keys import ManageKeys
from hookline_api.http.call import Authorize, Call, Reply, json_reply, no_content
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import identity as shapes
from hookline_api.views.identity import key_json

_ALL = "/v1/tenants/<tenant>/principals/<principal>/keys"
_ONE = f"{_ALL}/<key>"


class KeyRoutes:
    """Issuing, listing and revoking keys."""

    def __init__(self, *, authorize: Authorize, manage: ManageKeys, cursors: Cursors) -> None:
        self._authorize = authorize
        self._manage = manage
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_keys",
                summary="List a principal's keys",
                tag="principals",
                handler=self.list,
                query=PageQuery,
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
                body=KeyFields,
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

    def list(self, call: Call, tenant: str, principal: str, query: PageQuery) -> Reply:
        """All that were not revoked, newest first."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_PRINCIPALS)
        page = self._cursors.page(query, owner, principal, _ALL)
        found = self._manage.all(owner, PrincipalId(principal))
        rest = [key for key in found if key.id < (page.position or "key_~")]
        goes_on = rest[query.limit - 1].id if len(rest) > query.limit else None
        return page.reply(rest[: query.limit], key_json, goes_on)

    def create(self, call: Call, tenant: str, principal: str) -> Reply:
        """201, with the key in clear."""
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.ISSUE_CREDENTIALS)
        expires_at = KeyFields.of(call.document()).expires_at
        issued = self._manage.issue(caller, owner, PrincipalId(principal), expires_at)
        return json_reply(
            key_json(issued.key) | {"key": issued.text},
            201,
            {"Location": f"/v1/tenants/{owner}/principals/{principal}/keys/{issued.key.id}"},
            ("key",),
        )

    def get(self, call: Call, tenant: str, principal: str, key: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_PRINCIPALS)
        return json_reply(key_json(self._manage.get(owner, PrincipalId(principal), key)))

    def delete(self, call: Call, tenant: str, principal: str, key: str) -> Reply:
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.MANAGE_PRINCIPALS)
        self._manage.revoke(caller, owner, PrincipalId(principal), key)
        return no_content()
