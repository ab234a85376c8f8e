"""The events that ship in events/published are what the API takes and the catalogue describes."""

from __future__ import annotations

import json

import pytest

from hookline.domain.event.rules import event_of
from hookline.domain.ids import EventId
from tests.builders import NOW, TENANT
from tests.published import FOLDER, names, published

CATALOGUE = FOLDER.parents[1] / "catalogue"


@pytest.mark.parametrize("name", names())
def test_every_published_event_is_accepted(name: str) -> None:
    document = published(name)
    event = event_of(document, TENANT, NOW, EventId("evt_1"))
    assert event.type == document["type"]


@pytest.mark.parametrize("name", names())
def test_the_catalogue_of_its_system_describes_its_type(name: str) -> None:
    system = json.loads((CATALOGUE / f"{name.partition('_')[0]}.json").read_text("utf-8"))
    assert published(name)["type"] in {entry["type"] for entry in system["event_types"]}


def test_there_is_an_event_of_every_system() -> None:
    systems = {name.partition("_")[0] for name in names()}
    assert systems == {"apiida", "etlworks", "github", "izanami", "unleash"}
