"""Assembles the API over the stack: each group of routes on the first request for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib import import_module

from hookline.adapters.stack_inbound import ApiStack
from hookline.ports import Clock, Randomness
from hookline_api.http.app import Api, Group
from hookline_api.http.call import Call, Reply
from hookline_api.http.endpoint import Resource
from hookline_api.http.idempotency import Idempotency
from hookline_api.routes.meta import MetaRoutes
from hookline_api.settings import ApiSettings
from hookline_api.shared import Shared

_THREADS = 16

_META = ("health", "openapi.json")
_GROUPS = {
    "identity": ("me", "operations", "tenants", "principals", "webhooks/rights"),
    "publish": ("events", "events/batch"),
    "events": ("events", "events/dry-run", "event-types"),
    "webhooks": ("webhooks", "webhooks/secret", "templates"),
    "deliveries": (
        *("deliveries", "webhooks/deliveries", "webhooks/stats", "webhooks/test", "webhooks/send"),
        *("webhooks/recover", "stats"),
    ),
    "inbound": ("inbound",),
}
"""The subjects of each group's paths; a group ``x`` is built by the module ``wiring_x``."""


def build_api(
    settings: ApiSettings,
    clock: Clock,
    randomness: Randomness = os.urandom,
    *,
    issuer_roots: str | None = None,
) -> Api:
    """The whole API. Reads the stack's signing key; raises Unavailable if it cannot."""
    stack = api_stack(settings, clock, randomness)
    shared = Shared(settings, stack, issuer_roots=issuer_roots)
    idempotency = Idempotency(
        records=lambda: shared.stack.idempotency,
        rights=shared.authorize,
        seal=shared.stack.sealer,
        key=shared.pepper,
        clock=clock,
    )
    api: Api

    def document() -> dict[str, object]:
        return api.document()

    def look_deep(call: Call) -> Reply:
        from hookline_api.routes.deep_health import DeepHealth  # noqa: PLC0415 - for who asks

        return DeepHealth(
            authenticate=shared.authenticate, authorize=shared.authorize, stack=shared.stack
        )(call)

    api = Api(
        shared.authenticate,
        [
            Group(frozenset(_META), lambda: [MetaRoutes(document, look_deep)]),
            *(Group(frozenset(about), _routes(name, shared)) for name, about in _GROUPS.items()),
        ],
        around_posts=idempotency.around,
    )
    return api


def api_stack(settings: ApiSettings, clock: Clock, randomness: Randomness) -> ApiStack:
    """The API's stack over AWS."""
    return ApiStack(settings, threads=_THREADS, clock=clock, randomness=randomness)


def _routes(name: str, shared: Shared) -> Callable[[], Sequence[Resource]]:
    def build() -> Sequence[Resource]:
        built: Sequence[Resource] = import_module(f"hookline_api.wiring_{name}").routes(shared)
        return built

    return build
