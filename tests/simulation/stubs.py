"""Stand-ins: for what the simulation has no use for, and for a processor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, override

from hookline.adapters.telemetry import Metric, Metrics
from hookline.domain.identity.acts import Action
from hookline.domain.identity.rights import Principal
from hookline.domain.webhook.webhook import WebhookSecrets
from hookline.errors import Unavailable
from hookline.ports.webhooks import Vault
from tests.engine.engine import Engine


class NoMetrics(Metrics):
    """Metrics that nobody reads: they would take a quarter of a run's time."""

    def __init__(self, engine: Engine) -> None:
        super().__init__("simulation", "sim", engine.clock)

    def add(self, metric: Metric, value: float = 1, *, outcome: str | None = None) -> None:
        pass

    def flush(self) -> None:
        pass


class NoCatalogue:
    """`hookline.services.event.publish.Catalogue`, in which no type has a schema."""

    def problems(self, _event: object) -> tuple[()]:
        return ()


class EverybodyMay:
    """`hookline.services.webhook.manage_webhooks.MayAlso`: rights are tested elsewhere."""

    def __call__(
        self, principal: Principal, tenant: object, action: Action, webhook_id: object = None
    ) -> Principal:
        return principal

    def becomes_admin(self, creator: object, tenant: object, webhook_id: object) -> None:
        return None


class NoSurprises(logging.Logger):
    """Silent, but for what nobody expected: that ends the run."""

    @override
    def error(self, msg: object, *args: object, **fields: object) -> None:
        error = fields["exc_info"]
        if isinstance(error, Unavailable):
            return
        if isinstance(error, Exception):
            raise error
        raise  # noqa: PLE0704 - called where it is handled


class Computing:
    """`Vault`: what an attempt computes, it computes once its secrets are open."""

    def __init__(self, vault: Vault, compute: Callable[[], None]) -> None:
        self._vault = vault
        self._compute = compute
        self.seal = vault.seal

    def open(self, *about: Any) -> WebhookSecrets:
        secrets = self._vault.open(*about)
        self._compute()
        return secrets
