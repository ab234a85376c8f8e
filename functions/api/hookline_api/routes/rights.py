"""/v1/tenants/{tenant}/webhooks/{webhook}/rights: who may do what with one webhook."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.identity.acts import Action, Level
from hookline.domain.identity.fields import RightFields
from hookline.domain.ids import PrincipalId, TenantId
from hookline.services.identity.manage_rights import ManageRights
from hookline_api.http.call import Authorize, Call, Reply, json_reply, no_content, webhook_id
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import identity as shapes
from hookline_api.views.identity import right_json

_ALL = "/v1/tenants/<tenant>/webhooks/<webhook>/rights"
_ONE = f"{_ALL}/<principal>"


class RightRoutes:
    """Listing, giving and taking levels on one webhook (reference row IZ-9)."""

    def __init__(self, *, authorize: Authorize, manage: ManageRights, cursors: Cursors) -> None:
        self._authorize = authorize
        self._manage = manage
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_rights",
                summary="List who may do what with a webhook",
                description="The tenant's principals; the root key and global admins of other"
                " tenants, who may do everything, are not among them.",
                tag="rights",
                handler=self.list,
                query=PageQuery,
                answers={200: shapes.RightPage},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_right",
                summary="Read what a principal may do with a webhook",
                tag="rights",
                handler=self.get,
                answers={200: shapes.Right},
            ),
            Endpoint(
                method="PUT",
                path=_ONE,
                name="put_right",
                summary="Give a principal a level on a webhook",
                description="It overrides the principal's default level, upwards and downwards;"
                " a tenant or global admin stays admin.",
                tag="rights",
                handler=self.put,
                body=RightFields,
                answers={204: None},
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_right",
                summary="Take a principal's own level on a webhook",
                tag="rights",
                handler=self.delete,
                answers={204: None},
            ),
        )

    def list(self, call: Call, tenant: str, webhook: str, query: PageQuery) -> Reply:
        """The newest principals first."""
        owner, wanted = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.READ_RIGHTS, wanted)
        page = self._cursors.page(query, owner, wanted, _ALL)
        found, before = self._manage.holders(owner, wanted, query.limit, page.at(PrincipalId))
        return page.reply(found, right_json, before)

    def get(self, call: Call, tenant: str, webhook: str, principal: str) -> Reply:
        owner, wanted = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.READ_RIGHTS, wanted)
        return json_reply(right_json(self._manage.holder(owner, wanted, PrincipalId(principal))))

    def put(self, call: Call, tenant: str, webhook: str, principal: str) -> Reply:
        owner, wanted = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.MANAGE_RIGHTS, wanted)
        level = Level(RightFields.of(call.document()).level)
        self._manage.give(owner, wanted, PrincipalId(principal), level)
        return no_content()

    def delete(self, call: Call, tenant: str, webhook: str, principal: str) -> Reply:
        owner, wanted = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.MANAGE_RIGHTS, wanted)
        self._manage.take(owner, wanted, PrincipalId(principal))
        return no_content()
