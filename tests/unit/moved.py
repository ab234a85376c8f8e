"""Calls in the format of another system.

Each test of them (`test_moved_<system>.py`) has the number of a row of the systems that Hookline
replaces, and names its source. Where ours differs it says so: ids of webhooks are texts, and times
have milliseconds.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hookline.domain.delivery.call import Call
from hookline.domain.event.activation import activation_of
from hookline.domain.event.event import Event
from hookline.domain.ids import WebhookId
from hookline.domain.request.request import Prepared, Target, prepare
from hookline.domain.webhook.document import webhook_of
from hookline.domain.webhook.surroundings import Surroundings
from tests.builders import NOW, a_delivery
from tests.unit.test_webhook_rules import MINIMAL, RECORD

RULES = Surroundings(allow_http=False, retention=timedelta(days=30))
TEMPLATES = Path(__file__).parents[2] / "catalogue" / "templates"
FRESH = "whsec_" + "A" * 44


def sent(event: Event, **fields: Any) -> Call:
    """The call for a webhook that is saved with these fields."""
    webhook, secrets = webhook_of(
        MINIMAL | fields, replace(RECORD, id=WebhookId("wh_1")), RULES, fresh_secret=FRESH
    )
    activation = None
    if event.feature is not None:
        found = activation_of(event.feature, webhook.context, webhook.user, NOW)
        activation = found.as_plain()
    made = prepare(
        Target(webhook, secrets), event, replace(a_delivery(), activation=activation), NOW, RULES
    )
    assert isinstance(made, Prepared), made
    return made.call


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
