"""/v1/tenants/{tenant}/inbound/functions: what is done with the messages of a provider."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.identity.acts import Action
from hookline.domain.ids import TenantId
from hookline.domain.inbound.fields import FunctionFields
from hookline.services.inbound.edits import By
from hookline.services.inbound.manage_functions import ManageFunctions
from hookline_api.http.call import Authorize, Call, Reply, etag, function_id, json_reply, no_content
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import inbound as shapes

_ALL = "/v1/tenants/<tenant>/inbound/functions"
_ONE = f"{_ALL}/<function>"


class FunctionRoutes:
    """Creating, reading, editing and deleting functions."""

    def __init__(self, *, authorize: Authorize, manage: ManageFunctions, cursors: Cursors) -> None:
        self._authorize = authorize
        self._manage = manage
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_inbound_functions",
                summary="List functions",
                tag="inbound",
                handler=self.list,
                query=PageQuery,
                answers={200: shapes.FunctionPage},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_inbound_function",
                summary="Create a function",
                tag="inbound",
                handler=self.create,
                body=FunctionFields,
                answers={201: shapes.Function},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_inbound_function",
                summary="Read a function",
                tag="inbound",
                handler=self.get,
                answers={200: shapes.Function},
            ),
            Endpoint(
                method="PATCH",
                path=_ONE,
                name="patch_inbound_function",
                summary="Edit a function",
                tag="inbound",
                handler=self.patch,
                body=FunctionFields,
                answers={200: shapes.Function},
                refusals=(409, 412),
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_inbound_function",
                summary="Delete a function",
                tag="inbound",
                handler=self.delete,
                answers={204: None},
                refusals=(409, 412),
            ),
        )

    def list(self, call: Call, tenant: str, query: PageQuery) -> Reply:
        """Newest first."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_INBOUND_CONFIGURATION)
        page = self._cursors.page(query, owner, _ALL)
        before = page.position or "fn_~"
        rest = [each for each in self._manage.every(owner) if str(each["id"]) < before]
        goes_on = str(rest[query.limit - 1]["id"]) if len(rest) > query.limit else None
        return page.reply(rest[: query.limit], dict, goes_on, lambda each: str(each["id"]))

    def create(self, call: Call, tenant: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.CONFIGURE_INBOUND)
        created = self._manage.create(owner, call.document(), By(call.principal.id))
        location = f"/v1/tenants/{owner}/inbound/functions/{created['id']}"
        return json_reply(created, 201, {"Location": location, **etag(created["version"])})

    def get(self, call: Call, tenant: str, function: str) -> Reply:
        owner, wanted = TenantId(tenant), function_id(function)
        self._authorize(call.principal, owner, Action.READ_INBOUND_CONFIGURATION)
        found = self._manage.get(owner, wanted)
        return json_reply(found, 200, etag(found["version"]))

    def patch(self, call: Call, tenant: str, function: str) -> Reply:
        owner, wanted = TenantId(tenant), function_id(function)
        self._authorize(call.principal, owner, Action.CONFIGURE_INBOUND)
        by = By(call.principal.id, call.if_match)
        after = self._manage.patch(owner, wanted, call.document(), by)
        return json_reply(after, 200, etag(after["version"]))

    def delete(self, call: Call, tenant: str, function: str) -> Reply:
        owner, wanted = TenantId(tenant), function_id(function)
        self._authorize(call.principal, owner, Action.CONFIGURE_INBOUND)
        self._manage.delete(owner, wanted, By(call.principal.id, call.if_match))
        return no_content()
