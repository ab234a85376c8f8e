"""/v1/tenants/{tenant}/principals: who may call."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.identity.acts import Action
from hookline.domain.identity.fields import PrincipalFields
from hookline.domain.ids import PrincipalId, TenantId
from hookline.services.identity.manage_principals import ManagePrincipals
from hookline_api.http.call import Authorize, Call, Reply, json_reply, no_content
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import identity as shapes
from hookline_api.views.identity import principal_json

_ALL = "/v1/tenants/<tenant>/principals"
_ONE = f"{_ALL}/<principal>"


class PrincipalRoutes:
    """Creating, reading, editing and deleting principals."""

    def __init__(self, *, authorize: Authorize, manage: ManagePrincipals, cursors: Cursors) -> None:
        self._authorize = authorize
        self._manage = manage
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_principals",
                summary="List principals",
                tag="principals",
                handler=self.list,
                query=PageQuery,
                answers={200: shapes.PrincipalPage},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_principal",
                summary="Create a principal",
                tag="principals",
                handler=self.create,
                body=PrincipalFields,
                answers={201: shapes.Principal},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_principal",
                summary="Read a principal",
                tag="principals",
                handler=self.get,
                answers={200: shapes.Principal},
            ),
            Endpoint(
                method="PATCH",
                path=_ONE,
                name="patch_principal",
                summary="Edit a principal",
                description="JSON Merge Patch. What is given works at once, what is taken away"
                " stops working within 60 seconds.",
                tag="principals",
                handler=self.patch,
                body=PrincipalFields,
                answers={200: shapes.Principal},
                refusals=(409,),
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_principal",
                summary="Delete a principal",
                description="Its keys go with it, and stop working within 60 seconds.",
                tag="principals",
                handler=self.delete,
                answers={204: None},
                refusals=(409,),
            ),
        )

    def list(self, call: Call, tenant: str, query: PageQuery) -> Reply:
        """The tenant's principals, newest first."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_PRINCIPALS)
        page = self._cursors.page(query, owner, _ALL)
        found, before = self._manage.page(owner, query.limit, page.at(PrincipalId))
        return page.reply(found, principal_json, before)

    def create(self, call: Call, tenant: str) -> Reply:
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.MANAGE_PRINCIPALS)
        made = self._manage.create(caller, owner, call.document())
        return json_reply(
            principal_json(made),
            201,
            {"Location": f"/v1/tenants/{owner}/principals/{made.principal.id}"},
        )

    def get(self, call: Call, tenant: str, principal: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_PRINCIPALS)
        return json_reply(principal_json(self._manage.get(owner, PrincipalId(principal))))

    def patch(self, call: Call, tenant: str, principal: str) -> Reply:
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.MANAGE_PRINCIPALS)
        changed = self._manage.change(caller, owner, PrincipalId(principal), call.document())
        return json_reply(principal_json(changed))

    def delete(self, call: Call, tenant: str, principal: str) -> Reply:
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.MANAGE_PRINCIPALS)
        self._manage.delete(caller, owner, PrincipalId(principal))
        return no_content()
