"""The events that `sam local invoke` is given answer here as they do there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hookline_api.http.app import Api
from tests.worlds.client import ROOT_KEY

EVENTS = Path(__file__).parents[3] / "events"


def sample(name: str) -> dict[str, Any]:
    text = (EVENTS / f"{name}.json").read_text()
    event: dict[str, Any] = json.loads(text.replace("hl_root_replace-with-the-root-key", ROOT_KEY))
    return event


def test_the_sample_events_make_a_tenant_a_webhook_and_an_event(api: Api) -> None:
    statuses = {
        name: api(sample(name), None)["statusCode"]
        for name in (
            "api_health",
            "api_create_tenant",
            "api_create_webhook",
            "api_publish_event",
            "api_list_webhooks",
        )
    }
    assert statuses == {
        "api_health": 200,
        "api_create_tenant": 201,
        "api_create_webhook": 201,
        "api_publish_event": 202,
        "api_list_webhooks": 200,
    }


def test_every_sample_event_of_the_api_is_used_above() -> None:
    used = {"api_health", "api_create_tenant", "api_create_webhook"}
    used |= {"api_publish_event", "api_list_webhooks"}
    assert {path.stem for path in EVENTS.glob("api_*.json")} == used


@pytest.mark.parametrize("path", sorted(EVENTS.glob("api_*.json")), ids=lambda path: path.stem)
def test_no_sample_event_carries_a_real_key(path: Path) -> None:
    assert "hl_root_replace-with-the-root-key" in path.read_text()
