"""Assembles identity: services over the stack, and routes."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.services.identity.manage_keys import ManageKeys
from hookline.services.identity.manage_principals import ManagePrincipals
from hookline.services.identity.manage_rights import ManageRights
from hookline.services.identity.manage_sessions import ManageSessions
from hookline.services.identity.manage_tenants import ManageTenants
from hookline_api.http.endpoint import Resource
from hookline_api.routes.keys import KeyRoutes
from hookline_api.routes.operations import OperationsRoutes
from hookline_api.routes.principals import PrincipalRoutes
from hookline_api.routes.rights import RightRoutes
from hookline_api.routes.sessions import SessionRoutes
from hookline_api.routes.tenants import TenantRoutes
from hookline_api.shared import Shared


def routes(shared: Shared) -> Sequence[Resource]:
    """Tenants, principals, keys and rights."""
    stack, authorize, cursors = shared.stack, shared.authorize, shared.cursors
    principals = ManagePrincipals(
        authorize=authorize,
        principals=stack.principals,
        clock=shared.clock,
        randomness=shared.randomness,
        changed=shared.authenticate.forget,
    )
    keys = ManageKeys(
        principals=principals,
        keys=stack.keys,
        pepper=shared.pepper,
        clock=shared.clock,
        randomness=shared.randomness,
    )
    tenants = ManageTenants(
        tenants=stack.tenants,
        principals=stack.principals,
        webhooks=stack.webhooks,
        clock=shared.clock,
        changed=shared.known_tenants.forget,
    )
    rights = ManageRights(webhooks=stack.webhooks, principals=stack.principals, rights=stack.rights)
    return (
        OperationsRoutes(authorize=authorize, stack=stack, settings=shared.settings),
        TenantRoutes(authorize=authorize, manage=tenants, cursors=cursors),
        PrincipalRoutes(authorize=authorize, manage=principals, cursors=cursors),
        KeyRoutes(authorize=authorize, manage=keys, cursors=cursors),
        SessionRoutes(
            authorize=authorize,
            manage=ManageSessions(principals=principals, key=shared.pepper, clock=shared.clock),
            tenants=stack.tenants,
        ),
        RightRoutes(authorize=authorize, manage=rights, cursors=cursors),
    )
