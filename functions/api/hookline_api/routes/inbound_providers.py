"""/v1/tenants/{tenant}/inbound/providers: who may call, and in which order they are tried."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.identity.acts import Action
from hookline.domain.ids import TenantId
from hookline.domain.inbound.fields import ProviderFields, ReorderFields
from hookline.services.inbound.edits import By
from hookline.services.inbound.manage_providers import ManageProviders
from hookline_api.http.call import Authorize, Call, Reply, etag, json_reply, no_content, provider_id
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import inbound as shapes

_ALL = "/v1/tenants/<tenant>/inbound/providers"
_ONE = f"{_ALL}/<provider>"


class ProviderRoutes:
    """Creating, reading, editing, ordering and deleting providers."""

    def __init__(self, *, authorize: Authorize, manage: ManageProviders, cursors: Cursors) -> None:
        self._authorize = authorize
        self._manage = manage
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_inbound_providers",
                summary="List providers in the order in which they are tried",
                tag="inbound",
                handler=self.list,
                query=PageQuery,
                answers={200: shapes.ProviderPage},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_inbound_provider",
                summary="Create a provider, last in the sequence",
                tag="inbound",
                handler=self.create,
                body=ProviderFields,
                answers={201: shapes.Provider},
            ),
            Endpoint(
                method="POST",
                path=f"{_ALL}/reorder",
                name="reorder_inbound_providers",
                summary="Put all providers into a new order at once",
                tag="inbound",
                handler=self.reorder,
                body=ReorderFields,
                answers={200: shapes.ProviderPage},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_inbound_provider",
                summary="Read a provider",
                tag="inbound",
                handler=self.get,
                answers={200: shapes.Provider},
            ),
            Endpoint(
                method="PATCH",
                path=_ONE,
                name="patch_inbound_provider",
                summary="Edit a provider",
                tag="inbound",
                handler=self.patch,
                body=ProviderFields,
                answers={200: shapes.Provider},
                refusals=(409, 412),
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_inbound_provider",
                summary="Delete a provider that has no functions",
                tag="inbound",
                handler=self.delete,
                answers={204: None},
                refusals=(409, 412),
            ),
        )

    def list(self, call: Call, tenant: str, query: PageQuery) -> Reply:
        """In sequence."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.READ_INBOUND_CONFIGURATION)
        page = self._cursors.page(query, owner, _ALL)
        start = int(page.position or 0)
        every = self._manage.every(owner)
        goes_on = str(start + query.limit) if len(every) > start + query.limit else None
        found = every[start : start + query.limit]
        return page.reply(found, dict, goes_on, lambda each: str(each["sequence"]))

    def create(self, call: Call, tenant: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.CONFIGURE_INBOUND)
        created = self._manage.create(owner, call.document(), By(call.principal.id))
        location = f"/v1/tenants/{owner}/inbound/providers/{created['id']}"
        return json_reply(created, 201, {"Location": location, **etag(created["version"])})

    def reorder(self, call: Call, tenant: str) -> Reply:
        """All of them, in the new order."""
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.CONFIGURE_INBOUND)
        ordered = self._manage.reorder(owner, call.document())
        return json_reply({"items": ordered, "next_cursor": None})

    def get(self, call: Call, tenant: str, provider: str) -> Reply:
        owner, wanted = TenantId(tenant), provider_id(provider)
        self._authorize(call.principal, owner, Action.READ_INBOUND_CONFIGURATION)
        found = self._manage.get(owner, wanted)
        return json_reply(found, 200, etag(found["version"]))

    def patch(self, call: Call, tenant: str, provider: str) -> Reply:
        owner, wanted = TenantId(tenant), provider_id(provider)
        self._authorize(call.principal, owner, Action.CONFIGURE_INBOUND)
        by = By(call.principal.id, call.if_match)
        after = self._manage.patch(owner, wanted, call.document(), by)
        return json_reply(after, 200, etag(after["version"]))

    def delete(self, call: Call, tenant: str, provider: str) -> Reply:
        owner, wanted = TenantId(tenant), provider_id(provider)
        self._authorize(call.principal, owner, Action.CONFIGURE_INBOUND)
        self._manage.delete(owner, wanted, By(call.principal.id, call.if_match))
        return no_content()
