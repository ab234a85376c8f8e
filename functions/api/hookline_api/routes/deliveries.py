"""/v1/tenants/{tenant}/webhooks/{webhook}/deliveries: the log, retry and cancel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, get_args

from hookline.domain.delivery.delivery import Delivery, DeliveryKey, ErrorKind, Status
from hookline.domain.documents.kinds import Choice, ListOf, Text, Whole
from hookline.domain.documents.shape import defaulted, optional
from hookline.domain.event.fields import EVENT_TYPE
from hookline.domain.identity.acts import Action
from hookline.domain.ids import DeliveryId, EventId, TenantId
from hookline.ports.deliveries import DeliveryLog, LogSearch
from hookline.services.delivery.read_delivery import ReadableLogs, ReadDelivery, ShowNextAttempts
from hookline_api.http.call import Authorize, Call, Reply, delivery_id, json_reply, webhook_id
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery, TimeQuery
from hookline_api.schemas import delivery as shapes
from hookline_api.views.delivery import delivery_item_json, delivery_json

_ALL = "/v1/tenants/<tenant>/webhooks/<webhook>/deliveries"
_ONE = f"{_ALL}/<delivery>"
_ATTEMPTS_SHOWN = 50


class DeliveryQuery(TimeQuery, PageQuery):
    """Which deliveries of a log."""

    status = defaulted(
        ListOf(Choice(*Status), 1, len(Status)),
        (),
        "One status, or several with commas.",
        example=["failed", "retrying"],
    )
    type = defaulted(ListOf(EVENT_TYPE, 1, 20), (), "One event type, or several with commas.")


class LogQuery(DeliveryQuery):
    """Which deliveries of one webhook's log."""

    response_status = optional(
        Whole(100, 599, example=500), "The status that the last attempt was answered with."
    )
    error_kind = optional(
        Choice[ErrorKind](*get_args(ErrorKind)), "Why the last attempt had no answer."
    )
    event_id = optional(Text(1, 64, example="order-17-paid"), "The event they carry.")


class ActOnDelivery(Protocol):
    """Retries or cancels one delivery."""

    def __call__(self, key: DeliveryKey) -> Delivery:
        """The delivery afterwards. Raises NotFound, and Conflict if it is not possible."""
        ...


class DeliveryRoutes:
    """What a webhook's owner sees and does about its deliveries."""

    def __init__(
        self,
        *,
        authorize: Authorize,
        log: DeliveryLog,
        logs: ReadableLogs,
        read: ReadDelivery,
        show: ShowNextAttempts,
        retry: ActOnDelivery,
        cancel: ActOnDelivery,
        cursors: Cursors,
    ) -> None:
        self._authorize = authorize
        self._log = log
        self._logs = logs
        self._read = read
        self._show = show
        self._retry = retry
        self._cancel = cancel
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_deliveries",
                summary="List a webhook's deliveries",
                description="The log of a deleted webhook stays readable until it expires.",
                tag="deliveries",
                handler=self.list,
                query=LogQuery,
                answers={200: shapes.DeliveryPage},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_delivery",
                summary="Read a delivery and its attempts",
                tag="deliveries",
                handler=self.get,
                answers={200: shapes.DeliveryWithAttempts},
            ),
            Endpoint(
                method="POST",
                path=f"{_ONE}/retry",
                name="retry_delivery",
                summary="Attempt a delivery at once",
                description="Past an open circuit too, with a fresh schedule. 409 while the webhook"
                " is off or the event has expired.",
                tag="deliveries",
                handler=self.retry,
                answers={202: shapes.Delivery},
            ),
            Endpoint(
                method="POST",
                path=f"{_ONE}/cancel",
                name="cancel_delivery",
                summary="Stop a delivery",
                description="409 once it has ended.",
                tag="deliveries",
                handler=self.cancel,
                answers={200: shapes.Delivery},
            ),
        )

    def list(self, call: Call, tenant: str, webhook: str, query: LogQuery) -> Reply:
        """Newest first."""
        owner, of = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.READ_DELIVERIES, of)
        page = self._cursors.page(query, owner, _ALL, of)
        event = EventId(query.event_id) if query.event_id else None
        since, until = self._logs.between(owner, event, query.since, query.until)
        found, goes_on = self._log.page(
            owner,
            of,
            query.limit,
            before=page.at(DeliveryId),
            statuses=query.status,
            types=query.type,
            since=since,
            until=until,
            search=LogSearch(event, query.response_status, query.error_kind),
        )
        if not found:
            self._logs.must_exist(owner, of)
        return page.reply(self._show(found), delivery_item_json, goes_on, lambda d: d.key.id)

    def get(self, call: Call, tenant: str, webhook: str, delivery: str) -> Reply:
        """One delivery with its last 50 attempts."""
        key = _key(tenant, webhook, delivery)
        self._authorize(call.principal, key.tenant, Action.READ_DELIVERIES, key.webhook_id)
        found, attempts = self._read(key, _ATTEMPTS_SHOWN)
        (shown,) = self._show([found])
        return json_reply(delivery_json(shown, attempts))

    def retry(self, call: Call, tenant: str, webhook: str, delivery: str) -> Reply:
        """202 with the delivery, which is attempted in a moment."""
        key = _key(tenant, webhook, delivery)
        self._authorize(call.principal, key.tenant, Action.RETRY_DELIVERY, key.webhook_id)
        call.no_document()
        return json_reply(delivery_item_json(self._retry(key)), 202)

    def cancel(self, call: Call, tenant: str, webhook: str, delivery: str) -> Reply:
        key = _key(tenant, webhook, delivery)
        self._authorize(call.principal, key.tenant, Action.CANCEL_DELIVERY, key.webhook_id)
        call.no_document()
        return json_reply(delivery_item_json(self._cancel(key)))


def _key(tenant: str, webhook: str, delivery: str) -> DeliveryKey:
    return DeliveryKey(TenantId(tenant), webhook_id(webhook), delivery_id(delivery))
