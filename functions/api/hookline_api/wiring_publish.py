"""Assembles publishing: services over the stack, and routes."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.services.event.publish import Publish, PublishBatch
from hookline.services.identity.keep_quota import KeepQuota, Quota
from hookline_api.http.endpoint import Resource
from hookline_api.routes.publishing import PublishRoutes
from hookline_api.shared import Shared


def routes(shared: Shared) -> Sequence[Resource]:
    """One event or a batch, with as few imports as possible: this is the usual cold start."""
    stack = shared.stack
    publish = Publish(
        events=stack.events,
        catalogue=shared.event_types,
        quota=KeepQuota(
            allotments=stack.allotments,
            quota=Quota(shared.settings.publish_quota_per_second),
            name="publish",
            clock=shared.clock,
        ),
        clock=shared.clock,
        randomness=shared.randomness,
    )
    return (
        PublishRoutes(
            authorize=shared.authorize,
            publish=publish,
            publish_batch=PublishBatch(publish=publish, concurrently=stack.concurrently),
        ),
    )
