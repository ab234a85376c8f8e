"""/v1/tenants/{tenant}/deliveries: those of any webhook that wait or failed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hookline.domain.delivery.delivery import Status
from hookline.domain.documents.kinds import Choice, ListOf
from hookline.domain.documents.shape import defaulted
from hookline.domain.identity.acts import Action
from hookline.domain.ids import DeliveryId, TenantId
from hookline.services.delivery.read_delivery import ShowNextAttempts
from hookline.services.delivery.troubled_deliveries import TroubledDeliveries, TroubledSearch
from hookline_api.http.call import Authorize, Call, Reply
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.routes.deliveries import DeliveryQuery
from hookline_api.schemas import delivery as shapes
from hookline_api.views.delivery import delivery_item_json

_ALL = "/v1/tenants/<tenant>/deliveries"


class TroubledQuery(DeliveryQuery):
    """Which deliveries of a tenant."""

    status = defaulted(
        ListOf(Choice(Status.FAILED, Status.RETRYING, Status.CREATED), 1, 3),
        (Status.FAILED, Status.RETRYING),
        "One status, or several with commas: those that need looking after.",
        example=["failed", "retrying"],
    )


class TroubledRoutes:
    """A tenant's deliveries that wait or failed."""

    def __init__(
        self,
        *,
        authorize: Authorize,
        troubled: TroubledDeliveries,
        show: ShowNextAttempts,
        cursors: Cursors,
    ) -> None:
        self._authorize = authorize
        self._troubled = troubled
        self._show = show
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_tenant_deliveries",
                summary="List what waits or failed across the tenant",
                description="Of the webhooks that the caller may see, the 50 that failed last;"
                " `truncated` where there are more. A page looks at 100 deliveries of each: it may"
                " hold few and still go on.",
                tag="deliveries",
                handler=self.list,
                query=TroubledQuery,
                answers={200: shapes.TroubledPage},
            ),
        )

    def list(self, call: Call, tenant: str, query: TroubledQuery) -> Reply:
        """Newest first."""
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.LIST_TENANT_DELIVERIES)
        page = self._cursors.page(query, owner, _ALL)
        found = self._troubled(
            owner,
            partial(self._authorize.visible, caller, owner),
            query.limit,
            page.at(DeliveryId),
            TroubledSearch(query.status, query.type, query.since, query.until),
        )
        return page.reply(
            self._show(found.items),
            delivery_item_json,
            found.goes_on,
            lambda d: d.key.id,
            truncated=found.truncated,
        )
