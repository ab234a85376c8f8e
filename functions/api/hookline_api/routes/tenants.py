"""/v1/tenants: for global admins."""

from __future__ import annotations

from collections.abc import Sequence

from aws_lambda_powertools.event_handler import Request, Response

from hookline.domain.identity.rights import Action
from hookline.errors import FieldError, Rejected
from hookline.services.identity.manage_tenants import ManageTenants
from hookline_api.http.bodies import shaped
from hookline_api.http.call import Authorize, call_of
from hookline_api.http.cursors import DEFAULT_LIMIT, After, Cursors, Limit
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.path_ids import tenant_id
from hookline_api.http.replies import json_reply, no_content
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
        """The five endpoints."""
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_tenants",
                summary="List tenants",
                tag="tenants",
                handler=self.list,
                answers={200: shapes.TenantPage},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_tenant",
                summary="Create a tenant",
                tag="tenants",
                handler=self.create,
                body=shapes.TenantInput,
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
                body=shapes.TenantPatch,
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

    def list(
        self, request: Request, limit: Limit = DEFAULT_LIMIT, cursor: After = None
    ) -> Response[str]:
        """All tenants, newest first."""
        self._authorize(call_of(request).principal, None, Action.LIST_TENANTS)
        found, before = self._manage.page(limit, self._cursors.open(cursor, _ALL))
        return json_reply(
            {
                "items": [tenant_json(tenant) for tenant in found],
                "next_cursor": self._cursors.seal(before, _ALL),
            }
        )

    def create(self, request: Request) -> Response[str]:
        """201."""
        call = call_of(request)
        caller = self._authorize(call.principal, None, Action.CREATE_TENANT)
        wanted = shaped(shapes.TenantInput, call.json())
        tenant = self._manage.create(caller, wanted.id, wanted.name)
        return json_reply(tenant_json(tenant), 201, {"Location": f"{_ALL}/{tenant.id}"})

    def get(self, request: Request, tenant: str) -> Response[str]:
        """One tenant."""
        wanted = tenant_id(tenant)
        self._authorize(call_of(request).principal, wanted, Action.READ_TENANT)
        return json_reply(tenant_json(self._manage.get(wanted)))

    def patch(self, request: Request, tenant: str) -> Response[str]:
        """The tenant as it is from now on."""
        call, wanted = call_of(request), tenant_id(tenant)
        self._authorize(call.principal, wanted, Action.UPDATE_TENANT)
        patch = shaped(shapes.TenantPatch, call.json())
        if "name" not in patch.model_fields_set:
            return json_reply(tenant_json(self._manage.get(wanted)))
        if patch.name is None:
            raise Rejected([FieldError("name", "cannot be removed")])
        return json_reply(tenant_json(self._manage.rename(wanted, patch.name)))

    def delete(self, request: Request, tenant: str) -> Response[str]:
        """204."""
        wanted = tenant_id(tenant)
        self._authorize(call_of(request).principal, wanted, Action.DELETE_TENANT)
        self._manage.close(wanted)
        return no_content()
