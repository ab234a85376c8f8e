"""/v1/tenants/{tenant}/webhooks: the configurations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from hookline.domain.delivery.delivery import Status
from hookline.domain.documents.kinds import Choice, ListOf, Text
from hookline.domain.documents.shape import defaulted, optional
from hookline.domain.event.fields import EVENT_TYPE
from hookline.domain.identity.acts import Action, Level
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.document import filter_warnings
from hookline.domain.webhook.fields import WebhookFields
from hookline.domain.webhook.webhook import Webhook
from hookline.ports.deliveries import DeliveryLog, LogSearch
from hookline.ports.webhooks import WebhookHealth
from hookline.services.delivery.stats import RecentStats
from hookline.services.webhook.list_webhooks import ListWebhooks, StateWord, WebhookSearch
from hookline.services.webhook.manage_webhooks import ManageWebhooks
from hookline_api.http.call import (
    Authorize,
    Call,
    Reply,
    etag,
    json_reply,
    no_content,
    notices,
    webhook_id,
)
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.paging import Cursors
from hookline_api.http.queries import PageQuery
from hookline_api.schemas import webhook as shapes
from hookline_api.views.webhook import webhook_item_json, webhook_json

_ALL = "/v1/tenants/<tenant>/webhooks"
_ONE = f"{_ALL}/<webhook>"
_NOTHING: Mapping[str, object] = {}
_LATELY = LogSearch(looks_at=200)
"""How far back a last success is looked for: screens ask for a webhook again and again."""


class WebhookQuery(PageQuery):
    """Which webhooks."""

    q = optional(Text(1, 200, example="orders"), "A part of the name or host, or the id.")
    state = optional(Choice[StateWord]("healthy", "failing", "open", "off"), "How they are doing.")
    event_type = optional(EVENT_TYPE, "Those that hear events of this type.")
    include = defaulted(
        ListOf(Choice("stats"), 1, 1),
        (),
        "`stats`: how the deliveries of the last 24 hours went, over the newest 200 of each.",
        example=["stats"],
    )


class WebhookRoutes:
    """Creating, reading, editing and deleting webhooks."""

    def __init__(
        self,
        *,
        authorize: Authorize,
        manage: ManageWebhooks,
        list_webhooks: ListWebhooks,
        recent: RecentStats,
        health: WebhookHealth,
        log: DeliveryLog,
        cursors: Cursors,
    ) -> None:
        self._authorize = authorize
        self._manage = manage
        self._list = list_webhooks
        self._recent = recent
        self._health = health
        self._log = log
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_webhooks",
                summary="List webhooks",
                tag="webhooks",
                handler=self.list,
                query=WebhookQuery,
                answers={200: shapes.WebhookPage},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_webhook",
                summary="Create a webhook",
                description="The answer holds the signing secret in clear, this once.",
                tag="webhooks",
                handler=self.create,
                body=WebhookFields,
                answers={201: shapes.Webhook},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_webhook",
                summary="Read a webhook",
                tag="webhooks",
                handler=self.get,
                answers={200: shapes.Webhook},
            ),
            Endpoint(
                method="PATCH",
                path=_ONE,
                name="patch_webhook",
                summary="Edit a webhook",
                description="JSON Merge Patch; `If-Match: <version>` guards against overwriting."
                " A change is in force with the next attempt.",
                tag="webhooks",
                handler=self.patch,
                body=WebhookFields,
                answers={200: shapes.Webhook},
                refusals=(409, 412),
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_webhook",
                summary="Delete a webhook",
                description="Cancels its open deliveries; its log stays readable.",
                tag="webhooks",
                handler=self.delete,
                answers={204: None},
                refusals=(409, 412),
            ),
        )

    def list(self, call: Call, tenant: str, query: WebhookQuery) -> Reply:
        """Those the caller may see, newest first."""
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.LIST_WEBHOOKS)
        page = self._cursors.page(query, owner, _ALL)
        found, before = self._list(
            owner,
            partial(self._authorize.levels, caller, owner),
            query.limit,
            page.at(WebhookId),
            WebhookSearch(query.q, query.state, query.event_type),
        )
        recent = self._recent(owner, [each.webhook.id for each in found]) if query.include else {}
        return page.reply(
            found,
            lambda each: webhook_item_json(
                each.webhook, each.health, each.level, recent.get(each.webhook.id)
            ),
            before,
            lambda each: each.webhook.id,
        )

    def create(self, call: Call, tenant: str) -> Reply:
        """201, with the secret in clear."""
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.CREATE_WEBHOOK)
        created = self._manage.create(caller, owner, call.document())
        webhook = created.webhook
        (health,) = self._health.get_many([(owner, webhook.id)])
        return json_reply(
            webhook_json(webhook, health, self._level(caller, webhook))
            | {"secret": created.secret}
            | notices(filter_warnings(webhook)),
            201,
            {"Location": f"/v1/tenants/{owner}/webhooks/{webhook.id}"} | etag(webhook.version),
            ("secret",),
        )

    def get(self, call: Call, tenant: str, webhook: str) -> Reply:
        owner, wanted = TenantId(tenant), webhook_id(webhook)
        caller = self._authorize(call.principal, owner, Action.READ_WEBHOOK, wanted)
        return self._reply(caller, self._manage.get(owner, wanted))

    def patch(self, call: Call, tenant: str, webhook: str) -> Reply:
        owner, wanted = TenantId(tenant), webhook_id(webhook)
        caller = self._authorize(call.principal, owner, Action.UPDATE_WEBHOOK, wanted)
        patch = call.document()
        after = self._manage.patch(caller, owner, wanted, patch, call.if_match)
        return self._reply(caller, after, notices(filter_warnings(after)))

    def delete(self, call: Call, tenant: str, webhook: str) -> Reply:
        owner, wanted = TenantId(tenant), webhook_id(webhook)
        self._authorize(call.principal, owner, Action.DELETE_WEBHOOK, wanted)
        self._manage.delete(owner, wanted, call.if_match)
        return no_content()

    def _reply(
        self, caller: Principal, webhook: Webhook, more: Mapping[str, object] = _NOTHING
    ) -> Reply:
        (health,) = self._health.get_many([(webhook.tenant, webhook.id)])
        # A plain success does not write the health record: the log has the time of the last one.
        newest, _ = self._log.page(
            webhook.tenant, webhook.id, 1, statuses=[Status.SUCCESS], search=_LATELY
        )
        succeeded_at = newest[0].finished_at if newest else None
        level = self._level(caller, webhook)
        body = {**webhook_json(webhook, health, level, succeeded_at), **more}
        return json_reply(body, 200, etag(webhook.version))

    def _level(self, caller: Principal, webhook: Webhook) -> Level:
        levels = self._authorize.levels(caller, webhook.tenant, [webhook.id])
        # Deleted between two reads.
        return levels.get(webhook.id, Level.READ)
