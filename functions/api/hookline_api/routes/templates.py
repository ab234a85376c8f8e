"""POST /v1/tenants/{tenant}/templates/preview."""

from __future__ import annotations

from collections.abc import Sequence

from aws_lambda_powertools.event_handler import Request, Response

from hookline.domain.identity.rights import Action
from hookline.services.webhook.preview import PreviewTemplate
from hookline_api.http.bodies import json_object
from hookline_api.http.call import Authorize, call_of
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.path_ids import tenant_id
from hookline_api.http.replies import json_reply
from hookline_api.schemas import template as shapes


class TemplateRoutes:
    """Trying templates out (reference row IZ-6)."""

    def __init__(self, *, authorize: Authorize, preview: PreviewTemplate) -> None:
        self._authorize = authorize
        self._preview = preview

    def endpoints(self) -> Sequence[Endpoint]:
        """The one endpoint."""
        return (
            Endpoint(
                method="POST",
                path="/v1/tenants/<tenant>/templates/preview",
                name="preview_template",
                summary="Render a template",
                description="By the code that renders what is sent. Nothing is stored or sent.",
                tag="templates",
                handler=self.preview,
                body=shapes.PreviewInput,
                answers={200: shapes.Preview},
            ),
        )

    def preview(self, request: Request, tenant: str) -> Response[str]:
        """What would be sent."""
        call, owner = call_of(request), tenant_id(tenant)
        self._authorize(call.principal, owner, Action.PREVIEW_TEMPLATE)
        shown = self._preview(owner, json_object(call.json()))
        problem = {} if shown.problem is None else {"problem": shown.problem}
        return json_reply(
            {
                "body": shown.body,
                "content_type": shown.content_type,
                "valid": shown.problem is None,
                **problem,
            }
        )
