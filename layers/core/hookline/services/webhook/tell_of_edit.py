"""Tells of an edit that stands already."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from hookline.domain.webhook.webhook import Webhook
from hookline.errors import Unavailable

_LOG = logging.getLogger("hookline.api")

type Announce = Callable[[Webhook, datetime], None]
"""Accepts an operational event about the webhook. Raises Unavailable."""


def tell_of_edit(announce: Announce, webhook: Webhook, at: datetime) -> None:
    """Announces it, or logs that it could not: whoever made it must not be told that it failed."""
    try:
        announce(webhook, at)
    except Unavailable:
        _LOG.warning("webhook.not_announced", extra={"webhook": webhook.id}, exc_info=True)
