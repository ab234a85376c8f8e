"""/v1/tenants/{tenant}/principals: who may call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aws_lambda_powertools.event_handler import Request, Response

from hookline.domain.identity.rights import Action, Level
from hookline.domain.ids import PrincipalId
from hookline.errors import FieldError, Rejected
from hookline.services.identity.manage_principals import ManagePrincipals, PrincipalDraft
from hookline_api.http.bodies import shaped
from hookline_api.http.call import Authorize, call_of
from hookline_api.http.cursors import DEFAULT_LIMIT, After, Cursors, Limit
from hookline_api.http.endpoint import Endpoint
from hookline_api.http.path_ids import tenant_id
from hookline_api.http.replies import json_reply, no_content
from hookline_api.schemas import identity as shapes
from hookline_api.views.identity import principal_json

_ALL = "/v1/tenants/<tenant>/principals"
_ONE = f"{_ALL}/<principal>"


class PrincipalRoutes:
    """Creating, reading, editing and deleting principals."""

    def __init__(self, *, authorize: Authorize, manage: ManagePrincipals, cursors: Cursors) -> None:
        self._authorize = authorize
        self._manage = manage
        self._cursors = cursors

    def endpoints(self) -> Sequence[Endpoint]:
        """The five endpoints."""
        return (
            Endpoint(
                method="GET",
                path=_ALL,
                name="list_principals",
                summary="List principals",
                tag="principals",
                handler=self.list,
                answers={200: shapes.PrincipalPage},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_principal",
                summary="Create a principal",
                tag="principals",
                handler=self.create,
                body=shapes.PrincipalInput,
                answers={201: shapes.Principal},
            ),
            Endpoint(
                method="GET",
                path=_ONE,
                name="get_principal",
                summary="Read a principal",
                tag="principals",
                handler=self.get,
                answers={200: shapes.Principal},
            ),
            Endpoint(
                method="PATCH",
                path=_ONE,
                name="patch_principal",
                summary="Edit a principal",
                description="JSON Merge Patch. What is given works at once, what is taken away"
                " stops working within 60 seconds.",
                tag="principals",
                handler=self.patch,
                body=shapes.PrincipalPatch,
                answers={200: shapes.Principal},
                refusals=(409,),
            ),
            Endpoint(
                method="DELETE",
                path=_ONE,
                name="delete_principal",
                summary="Delete a principal",
                description="Its keys go with it, and stop working within 60 seconds.",
                tag="principals",
                handler=self.delete,
                answers={204: None},
                refusals=(409,),
            ),
        )

    def list(
        self, request: Request, tenant: str, limit: Limit = DEFAULT_LIMIT, cursor: After = None
    ) -> Response[str]:
        """The tenant's principals, newest first."""
        owner = tenant_id(tenant)
        self._authorize(call_of(request).principal, owner, Action.READ_PRINCIPALS)
        position = self._cursors.open(cursor, owner, _ALL)
        found, before = self._manage.page(
            owner, limit, None if position is None else PrincipalId(position)
        )
        return json_reply(
            {
                "items": [principal_json(principal) for principal in found],
                "next_cursor": self._cursors.seal(before, owner, _ALL),
            }
        )

    def create(self, request: Request, tenant: str) -> Response[str]:
        """201."""
        call, owner = call_of(request), tenant_id(tenant)
        caller = self._authorize(call.principal, owner, Action.MANAGE_PRINCIPALS)
        wanted = shaped(shapes.PrincipalInput, call.json())
        made = self._manage.create(caller, owner, _edited(PrincipalDraft(name=""), wanted))
        return json_reply(
            principal_json(made),
            201,
            {"Location": f"/v1/tenants/{owner}/principals/{made.principal.id}"},
        )

    def get(self, request: Request, tenant: str, principal: str) -> Response[str]:
        """One principal."""
        owner = tenant_id(tenant)
        self._authorize(call_of(request).principal, owner, Action.READ_PRINCIPALS)
        return json_reply(principal_json(self._manage.get(owner, PrincipalId(principal))))

    def patch(self, request: Request, tenant: str, principal: str) -> Response[str]:
        """The principal as it is from now on."""
        call, owner = call_of(request), tenant_id(tenant)
        caller = self._authorize(call.principal, owner, Action.MANAGE_PRINCIPALS)
        patch = shaped(shapes.PrincipalPatch, call.json())
        changed = self._manage.change(
            caller, owner, PrincipalId(principal), lambda draft: _edited(draft, patch)
        )
        return json_reply(principal_json(changed))

    def delete(self, request: Request, tenant: str, principal: str) -> Response[str]:
        """204."""
        owner = tenant_id(tenant)
        caller = self._authorize(call_of(request).principal, owner, Action.MANAGE_PRINCIPALS)
        self._manage.delete(caller, owner, PrincipalId(principal))
        return no_content()


def _edited(draft: PrincipalDraft, patch: shapes.PrincipalPatch) -> PrincipalDraft:
    """The draft with what the patch names, null taking away (RFC 7396)."""
    given = patch.model_fields_set
    if "name" in given:
        if patch.name is None:
            raise Rejected([FieldError("name", "cannot be removed")])
        draft = replace(draft, name=patch.name)
    if "level" in given:
        draft = replace(draft, level=_level(patch.level))
    if "default_webhook_level" in given:
        draft = replace(draft, default_webhook_level=_level(patch.default_webhook_level))
    if "global_admin" in given:
        draft = replace(draft, global_admin=bool(patch.global_admin))
    return draft


def _level(name: str | None) -> Level | None:
    return None if name is None else Level(name)
