"""POST /v1/tenants/{tenant}/templates/preview."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.domain.identity.acts import Action
from hookline.domain.ids import TenantId
from hookline.domain.request.preview import PreviewFields
from hookline.services.webhook.preview import PreviewTemplate
from hookline_api.http.call import Authorize, Call, Reply, json_reply, notices
from hookline_api.http.endpoint import Endpoint
from hookline_api.schemas import template as shapes


class TemplateRoutes:
    """Trying templates out (reference row IZ-6)."""

    def __init__(self, *, authorize: Authorize, preview: PreviewTemplate) -> None:
        self._authorize = authorize
        self._preview = preview

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="POST",
                path="/v1/tenants/<tenant>/templates/preview",
                name="preview_template",
                summary="Render a template",
                description="By the code that renders what is sent. Nothing is stored or sent.",
                tag="templates",
                handler=self.preview,
                body=PreviewFields,
                answers={200: shapes.Preview},
            ),
        )

    def preview(self, call: Call, tenant: str) -> Reply:
        owner = TenantId(tenant)
        self._authorize(call.principal, owner, Action.PREVIEW_TEMPLATE)
        shown = self._preview(owner, call.document())
        problem = {} if shown.problem is None else {"problem": shown.problem}
        return json_reply(
            {
                "body": shown.body,
                "content_type": shown.content_type,
                "valid": shown.problem is None,
                **problem,
                **notices(shown.warnings),
            }
        )
