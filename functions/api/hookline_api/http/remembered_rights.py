"""What a request was allowed, so that its answer is shown again only to who still may have it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from hookline.domain.identity.rights import Action, Principal
from hookline.domain.ids import TenantId, WebhookId
from hookline.services.identity.authorize import Authorize

_MOST = 20
"""Rights that one request asks for, and more; what is not told of stays no longer."""

type PlainRight = Sequence[str | None]
"""An action's name, its tenant and its webhook."""


class RememberedRights:
    """The gate of all routes. It remembers what it let pass: a function answers one at a time."""

    def __init__(self, authorize: Authorize) -> None:
        self._authorize = authorize
        self._passed = deque[tuple[Action, TenantId | None, WebhookId | None]](maxlen=_MOST)
        self.visible = authorize.visible
        self.levels = authorize.levels
        self.becomes_admin = authorize.becomes_admin

    def __call__(
        self,
        principal: Principal,
        tenant: TenantId | None,
        action: Action,
        webhook_id: WebhookId | None = None,
    ) -> Principal:
        """As `Authorize` does."""
        caller = self._authorize(principal, tenant, action, webhook_id)
        self._passed.append((action, tenant, webhook_id))
        return caller

    def forget(self) -> None:
        """Another request begins."""
        self._passed.clear()

    def as_plain(self) -> Sequence[PlainRight]:
        """What the request at hand was allowed, to be kept with its answer."""
        return [(action.value, tenant, webhook) for action, tenant, webhook in self._passed]

    def demand(self, principal: Principal, kept: Iterable[PlainRight]) -> None:
        """Raises as `Authorize` does where any of it is no longer allowed."""
        for action, tenant, webhook in kept:
            self._authorize(
                principal,
                None if tenant is None else TenantId(tenant),
                Action(action),
                None if webhook is None else WebhookId(webhook),
            )
