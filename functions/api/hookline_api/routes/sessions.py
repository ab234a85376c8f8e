"""Who is calling (/v1/me), and sessions in which the console acts as somebody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hookline.domain.identity.acts import Action, Level
from hookline.domain.identity.fields import SessionFields
from hookline.domain.identity.identity import Tenant
from hookline.domain.identity.rights import Principal
from hookline.domain.ids import PrincipalId, TenantId
from hookline.domain.times import iso
from hookline.errors import NotFound
from hookline.ports.identity import Tenants
from hookline.services.identity.manage_sessions import ManageSessions
from hookline_api.http.call import Authorize, Call, Reply, json_reply, no_content
from hookline_api.http.endpoint import Endpoint
from hookline_api.schemas import sessions as shapes

_ALL = "/v1/tenants/<tenant>/principals/<principal>/sessions"
_HOST = re.compile(r"(?!.*\.lambda-url\.)[A-Za-z0-9.-]+(?::[0-9]{1,5})?")
"""Not the function's own address: the console is not there."""
_MOST_TENANTS = 100


class SessionRoutes:
    """Telling callers who they are, and issuing and ending sessions."""

    def __init__(self, *, authorize: Authorize, manage: ManageSessions, tenants: Tenants) -> None:
        self._authorize = authorize
        self._manage = manage
        self._tenants = tenants

    def endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint(
                method="GET",
                path="/v1/me",
                name="get_me",
                summary="Who calls, and what they may",
                description="For global admins the newest 100 tenants.",
                tag="principals",
                handler=self.me,
                answers={200: shapes.Me},
            ),
            Endpoint(
                method="POST",
                path=_ALL,
                name="create_session",
                summary="Make a session, and the link that opens the console with it",
                description="It acts as the principal, with its rights of the moment, but makes no"
                " keys and no sessions.",
                tag="principals",
                handler=self.create,
                body=SessionFields,
                body_required=False,
                answers={201: shapes.NewSession},
            ),
            Endpoint(
                method="DELETE",
                path=_ALL,
                name="delete_sessions",
                summary="End every session of a principal",
                description="They stop working within 60 seconds.",
                tag="principals",
                handler=self.end,
                answers={204: None},
                refusals=(409,),
            ),
        )

    def me(self, call: Call) -> Reply:
        caller = call.principal
        credential = caller.credential
        expires_at, look = credential.expires_at, credential.look
        return json_reply(
            {
                "principal": None
                if caller.tenant is None
                else {"id": caller.id, "name": caller.name},
                "via": credential.kind,
                "global_admin": caller.global_admin,
                "tenants": [_tenant_json(caller, tenant) for tenant in self._visible(caller)],
                "expires_at": None if expires_at is None else iso(expires_at),
                "session": None
                if look is None
                else {"name": look.name, "logo": look.logo, "colour": look.colour},
            }
        )

    def create(self, call: Call, tenant: str, principal: str) -> Reply:
        """201, with the session in clear."""
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.ISSUE_CREDENTIALS)
        given = SessionFields.of(call.document())
        issued = self._manage.issue(caller, owner, PrincipalId(principal), given)
        return json_reply(
            {
                "token": issued.text,
                "url": f"{_origin(call.headers)}/console#session={issued.text}",
                "expires_at": iso(issued.session.expires_at),
            },
            201,
            {"Location": f"/v1/tenants/{owner}/principals/{principal}/sessions"},
            ("token", "url"),
        )

    def end(self, call: Call, tenant: str, principal: str) -> Reply:
        owner = TenantId(tenant)
        caller = self._authorize(call.principal, owner, Action.MANAGE_PRINCIPALS)
        self._manage.end(caller, owner, PrincipalId(principal))
        return no_content()

    def _visible(self, caller: Principal) -> Sequence[Tenant]:
        if caller.global_admin:
            found, _ = self._tenants.page(_MOST_TENANTS, None)
            return found
        if caller.tenant is None:
            return ()
        try:
            self._authorize(caller, caller.tenant, Action.LIST_WEBHOOKS)
        except NotFound:
            return ()
        own = self._tenants.get(caller.tenant)
        return () if own is None else (own,)


def _tenant_json(caller: Principal, tenant: Tenant) -> dict[str, object]:
    level = Level.ADMIN if caller.global_admin else caller.level
    default = caller.default_webhook_level
    return {
        "id": tenant.id,
        "name": tenant.name,
        "level": None if level is None else level.value,
        "default_webhook_level": None if default is None else default.value,
    }


def _origin(headers: Mapping[str, str]) -> str:
    """The origin at which the caller reached this API, where the console is too; else nothing.

    It is returned to nobody else.
    """
    host = headers.get("x-forwarded-host") or headers.get("host", "")
    scheme = "http" if headers.get("x-forwarded-proto") == "http" else "https"
    return f"{scheme}://{host}" if _HOST.fullmatch(host) else ""
