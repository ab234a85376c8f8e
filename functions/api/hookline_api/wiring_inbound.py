"""Assembles the inbound part: services over the stack, and routes."""

from __future__ import annotations

from collections.abc import Sequence

from hookline.services.inbound.manage_functions import ManageFunctions
from hookline.services.inbound.manage_providers import ManageProviders
from hookline.services.inbound.read_messages import ReadMessages
from hookline.services.inbound.resubmit import Resubmit
from hookline_api.http.endpoint import Resource
from hookline_api.routes.inbound_functions import FunctionRoutes
from hookline_api.routes.inbound_messages import MessageRoutes
from hookline_api.routes.inbound_providers import ProviderRoutes
from hookline_api.shared import Shared


def routes(shared: Shared) -> Sequence[Resource]:
    """Providers, functions, messages."""
    stack, authorize, cursors = shared.stack, shared.authorize, shared.cursors
    providers = ManageProviders(
        configurations=stack.configurations,
        changes=stack.provider_changes,
        vault=stack.provider_vault,
        allowed_functions=stack.allowed_functions,
        clock=shared.clock,
        randomness=shared.randomness,
    )
    functions = ManageFunctions(
        configurations=stack.configurations,
        changes=stack.function_changes,
        webhooks=stack.webhooks,
        allowed_functions=stack.allowed_functions,
        clock=shared.clock,
        randomness=shared.randomness,
    )
    resubmit = Resubmit(
        log=stack.message_log,
        messages=stack.new_messages,
        queue=stack.inbound_queue,
        clock=shared.clock,
        randomness=shared.randomness,
    )
    return (
        ProviderRoutes(authorize=authorize, manage=providers, cursors=cursors),
        FunctionRoutes(authorize=authorize, manage=functions, cursors=cursors),
        MessageRoutes(
            authorize=authorize,
            read=ReadMessages(log=stack.message_log, configurations=stack.configurations),
            resubmit=resubmit,
            cursors=cursors,
        ),
    )
