"""Whether an edit of a webhook lets it hear what it did not hear before."""

from __future__ import annotations

from hookline.domain.event.patterns import covers
from hookline.domain.webhook.webhook import Scope, Webhook


def hears_more(before: Webhook, after: Webhook) -> bool:
    """Whether any event could reach it, or be computed for it, that could not before.

    Which events a filter lets pass cannot be told from its text: another filter counts as more, and
    so does another context or user, for whom activation is then computed, and the entity that was
    left out.
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
