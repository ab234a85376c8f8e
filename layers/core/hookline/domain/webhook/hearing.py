"""Whether an edit lets a webhook receive events that it did not receive before."""

from __future__ import annotations

from hookline.domain.event.patterns import covers
from hookline.domain.webhook.webhook import Scope, Webhook


def hears_more(before: Webhook, after: Webhook) -> bool:
    """Whether any event could newly reach it, or be computed for it.

    The text of a filter does not tell which events pass: any other filter counts as more. So do
    another context or user, for whom activation is then computed, and an entity that was left out.
    """
    return (
        any(not any(covers(old, new) for old in before.events) for new in after.events)
        or _wider(before.scope, after.scope)
        or (before.filter is not None and after.filter != before.filter)
        or (before.context, before.user) != (after.context, after.user)
        or (after.include_entity and not before.include_entity)
    )


def _wider(before: Scope, after: Scope) -> bool:
    wider = not before.is_global and (
        after.is_global
        or not after.projects <= before.projects
        or not after.entities <= before.entities
    )
    return wider or bool(
        before.environments
        and (not after.environments or not after.environments <= before.environments)
    )
