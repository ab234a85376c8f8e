"""POST /v1/tenants/{tenant}/events/dry-run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hookline.domain.fan_out.fields import DryRunFields
from hookline.domain.identity.acts import Action
from hookline.domain.ids import TenantId
from hookline.services.fan_out.dry_run import DryRun
from hookline_api.http.call import Authorize, Call, Reply, json_reply, notices
from hookline_api.http.endpoint import Endpoint
from hookline_api.schemas import event as shapes


class DryRunRoutes:
    """Asking where an event would go."""

    def __init__(self, *, authorize: Authorize, dry_run: DryRun) -> None:
        self._authorize = authorize
        self._dry_run = dry_run

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="POST",
                path="/v1/tenants/<tenant>/events/dry-run",
                name="dry_run_event",
                summary="Tell which webhooks would get an event",
                description="Of those the caller may see, with the reason for each. Nothing is"
                " stored or sent. For a stored event give `event_id` alone; with `webhook` the"
                " answer is about that one, which need not be saved.",
                tag="events",
                handler=self.dry_run,
                body=DryRunFields,
                answers={200: shapes.DryRun},
            ),
        )

    def dry_run(self, call: Call, tenant: str) -> Reply:
        """One verdict for each visible webhook."""
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.DRY_RUN)
        verdicts = self._dry_run(
            owner, call.document(), partial(self._authorize.visible, caller, owner)
        )
        return json_reply(
            {
                "items": [
                    {
                        "webhook_id": verdict.webhook and verdict.webhook.id,
                        "name": verdict.webhook and verdict.webhook.name,
                        "matched": verdict.matched,
                        "reason": verdict.reason,
                        **notices(verdict.warnings),
                    }
                    for verdict in verdicts.items
                ],
                "truncated": verdicts.truncated,
            }
        )
