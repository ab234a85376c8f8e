"""/v1/tenants: for global admins."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.identity.acts import Action
from hookline.domain.identity.fields import TenantEditFields, TenantFields
from hookline.domain.ids import TenantId
from hookline.services.identity.manage_tenants import ManageTenants
from hookline_api.http.call import Authorize, Call, Reply, json_reply, no_content
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import identity as shapes
from hookline_api.views.identity import tenant_json

_ALL = "/v1/tenants"
_ONE = f"{_ALL}/<tenant>"


class TenantRoutes:
    """Creating, reading, renaming and closing tenants."""

    def __init__(self, *, authorize: Authorize, manage: ManageTenants, cursors: Cursors) -> None:
        self._authorize = authorize
        self._manage = manage
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_tenants",
                summary="List tenants",
                tag="tenants",
                handler=self.list,
                query=PageQuery,
                answers={200: shapes.TenantPage},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_tenant",
                summary="Create a tenant",
                tag="tenants",
                handler=self.create,
                body=TenantFields,
                answers={201: shapes.Tenant},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_tenant",
                summary="Read a tenant",
                tag="tenants",
                handler=self.get,
                answers={200: shapes.Tenant},
            ),
            Endpoint(
                method="PATCH",
                path=_ONE,
                name="patch_tenant",
                summary="Rename a tenant",
                tag="tenants",
                handler=self.patch,
                body=TenantEditFields,
                answers={200: shapes.Tenant},
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_tenant",
                summary="Delete a tenant",
                description="Its principals and keys go with it; 409 while it has webhooks. Its id"
                " stays taken, as its logs outlive it.",
                tag="tenants",
                handler=self.delete,
                answers={204: None},
                refusals=(409,),
            ),
        )

    def list(self, call: Call, query: PageQuery) -> Reply:
        """All tenants, newest first."""
        self._authorize(call.principal, None, Action.LIST_TENANTS)
        page = self._cursors.page(query, _ALL)
        found, before = self._manage.page(query.limit, page.position)
        return page.reply(found, tenant_json, before)

    def create(self, call: Call) -> Reply:
        caller = self._authorize(call.principal, None, Action.CREATE_TENANT)
        tenant = self._manage.create(caller, call.document())
        return json_reply(tenant_json(tenant), 201, {"Location": f"{_ALL}/{tenant.id}"})

    def get(self, call: Call, tenant: str) -> Reply:
        wanted = TenantId(tenant)
        self._authorize(call.principal, wanted, Action.READ_TENANT)
        return json_reply(tenant_json(self._manage.get(wanted)))

    def patch(self, call: Call, tenant: str) -> Reply:
        wanted = TenantId(tenant)
        self._authorize(call.principal, wanted, Action.UPDATE_TENANT)
        return json_reply(tenant_json(self._manage.change(wanted, call.document())))

    def delete(self, call: Call, tenant: str) -> Reply:
        wanted = TenantId(tenant)
        self._authorize(call.principal, wanted, Action.DELETE_TENANT)
        self._manage.close(wanted)
        return no_content()
