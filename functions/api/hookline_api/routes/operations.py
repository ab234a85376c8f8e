"""GET /v1/operations: how the stack itself is doing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline import __version__
from hookline.domain.identity.acts import Action
from hookline.domain.times import iso
from hookline_api.http.call import Authorize, Call, Reply, json_reply
from hookline_api.http.endpoint import Endpoint
from hookline_api.schemas import operations as shapes

if TYPE_CHECKING:
    from hookline.adapters.stack_inbound import ApiStack
    from hookline.ports.operations import QueueState
    from hookline_api.settings import ApiSettings


class OperationsRoutes:
    """Queues, alarms and settings. ``stack`` makes its clients on first use."""

    def __init__(self, *, authorize: Authorize, stack: ApiStack, settings: ApiSettings) -> None:
        self._authorize = authorize
        self._stack = stack
        self._settings = settings

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path="/v1/operations",
                name="get_operations",
                summary="Read how the stack is doing",
                description="Queues by SQS's own count, alarms, version and settings.",
                tag="meta",
                handler=self.get,
                answers={200: shapes.Operations},
            ),
        )

    def get(self, call: Call) -> Reply:
        """For a global admin."""
        self._authorize(call.principal, None, Action.READ_OPERATIONS)
        queues = self._stack.operations.queues()
        dead = [queue for queue in queues if queue.name.endswith("dead-letters")]
        settings = self._settings
        return json_reply(
            {
                "version": __version__,
                "queues": [_queue_json(queue) for queue in queues],
                "dead_letters": sum(queue.visible + queue.in_flight for queue in dead),
                "alarms": [
                    {
                        "name": alarm.name,
                        "state": alarm.state,
                        "since": None if alarm.since is None else iso(alarm.since),
                    }
                    for alarm in self._stack.operations.alarms()
                ],
                "settings": {
                    "stage": settings.stage,
                    "retention_days": settings.retention_days,
                    "publish_quota_per_second": settings.publish_quota_per_second,
                    "webhooks_per_tenant": settings.webhooks_per_tenant,
                    "header_prefix": settings.header_prefix,
                    "allow_http": settings.allow_http,
                    "allowed_networks": [str(network) for network in settings.allowed_networks],
                    "oidc_issuer": settings.oidc_issuer,
                    "source_addresses": list(settings.source_addresses),
                },
            }
        )


def _queue_json(queue: QueueState) -> dict[str, object]:
    return {
        "name": queue.name,
        "visible": queue.visible,
        "in_flight": queue.in_flight,
        "oldest_seconds": queue.oldest_seconds,
    }
