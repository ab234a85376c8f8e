"""Finds a tenant's webhooks by name, state and event type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from hookline.domain.event.patterns import matches
from hookline.domain.identity.acts import Level
from hookline.domain.ids import TenantId, WebhookId
from hookline.domain.webhook.health import Health, State, state_of
from hookline.domain.webhook.webhook import Webhook
from hookline.ports.webhooks import WebhookHealth, Webhooks

Levels = Callable[[Sequence[WebhookId]], Mapping[WebhookId, Level]]
"""The caller's levels on those of up to 100 webhooks that it may see."""

StateWord = Literal["healthy", "failing", "open", "off"]

_WORDS: Mapping[State, StateWord] = {
    "healthy": "healthy",
    "failing": "failing",
    "circuit_open": "open",
    "draining": "open",  # its circuit is not closed yet
    "disabled": "off",
}

_READS = 20
_LOOKED_THROUGH = 100
"""Webhooks per read when a filter may drop most of them: two thousand for a page at most."""


def state_word(webhook: Webhook, health: Health) -> StateWord:
    """The word for its state, by which lists are filtered and webhooks counted."""
    return _WORDS[state_of(health, enabled=webhook.enabled)]


@dataclass(frozen=True, slots=True)
class WebhookSearch:
    """Which webhooks are wanted: ``text`` is a part of the name or host, or the id."""

    text: str | None = None
    state: StateWord | None = None
    event_type: str | None = None

    def wants(self, webhook: Webhook) -> bool:
        """Whether its configuration matches."""
        if self.event_type and not any(matches(each, self.event_type) for each in webhook.events):
            return False
        if self.text is None:
            return True
        text = self.text.lower()
        host = urlsplit(webhook.url).netloc.lower()
        return text in webhook.name.lower() or text in host or self.text == webhook.id

    def wants_state(self, webhook: Webhook, health: Health) -> bool:
        """Whether its state matches."""
        return self.state in {None, state_word(webhook, health)}


@dataclass(frozen=True, slots=True)
class Listed:
    """One webhook of a list."""

    webhook: Webhook
    health: Health
    level: Level


class ListWebhooks:
    """Reads page after page, newest first, until enough are found or `_READS` are used up."""

    def __init__(self, *, webhooks: Webhooks, health: WebhookHealth) -> None:
        self._webhooks = webhooks
        self._health = health

    def __call__(
        self,
        tenant: TenantId,
        levels: Levels,
        limit: int,
        before: WebhookId | None,
        search: WebhookSearch = WebhookSearch(),
    ) -> tuple[Sequence[Listed], WebhookId | None]:
        """At most ``limit`` webhooks, and where the next page begins.

        A page may be short and not the last.
        """
        found: list[Listed] = []
        for _ in range(_READS):
            size = limit - len(found) if search == WebhookSearch() else _LOOKED_THROUGH
            page, before = self._webhooks.page(tenant, size, before)
            passed = self._wanted(tenant, page, levels, search)
            missing = limit - len(found)
            found.extend(passed[:missing])
            if len(passed) > missing:
                return found, found[-1].webhook.id
            if before is None or len(found) == limit:
                break
        return found, before

    def _wanted(
        self, tenant: TenantId, page: Sequence[Webhook], levels: Levels, search: WebhookSearch
    ) -> Sequence[Listed]:
        candidates = [webhook for webhook in page if search.wants(webhook)]
        seen = levels([webhook.id for webhook in candidates])
        visible = [webhook for webhook in candidates if webhook.id in seen]
        healths = self._health.get_many([(tenant, webhook.id) for webhook in visible])
        return [
            Listed(webhook, health, seen[webhook.id])
            for webhook, health in zip(visible, healths, strict=True)
            if search.wants_state(webhook, health)
        ]
