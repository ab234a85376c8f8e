"""What APIIDA sends, sent as it sends it: the event and its payload as its page has them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.builders import an_event
from tests.unit.moved import TEMPLATES, compact, sent


def test_ap_2_the_payload_is_the_event_s_own() -> None:
    catalogue = json.loads((TEMPLATES.parent / "apiida.json").read_text(encoding="utf-8"))
    for entry in catalogue["event_types"]:
        event = an_event(
            type=entry["type"],
            data=entry["example"],
            occurred_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        )
        assert sent(event, format="apiida").body == compact(
            {
                "type": entry["type"],
                "data": entry["example"],
                "timestamp": "2026-11-22T12:00:00.000Z",
            }
        )
