"""The catalogue files and templates that ship with the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hookline.domain.event.catalogue import event_type_of
from tests.builders import NOW, TENANT

CATALOGUE = Path(__file__).parents[2] / "catalogue"
FILES = sorted(CATALOGUE.glob("*.json"))

# Reference row UN-2: the types of the Unleash page, in its order.
UNLEASH = """
feature-created feature-metadata-updated feature-project-change feature-archived feature-revived
feature-strategy-update feature-strategy-add feature-strategy-remove feature-stale-on
feature-stale-off feature-completed feature-environment-enabled feature-environment-disabled
feature-variants-updated feature-tagged feature-untagged change-request-created
change-request-discarded change-added change-discarded change-request-approved
change-request-approval-added change-request-cancelled change-request-sent-to-review
change-request-applied change-request-scheduled change-request-scheduled-application-success
change-request-scheduled-application-failure change-request-schedule-suspended
feature-potentially-stale-on feature-updated
"""


def entries_of(name: str) -> list[dict[str, Any]]:
    document = json.loads((CATALOGUE / f"{name}.json").read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = document["event_types"]
    return entries


def test_there_is_a_file_for_each_system() -> None:
    assert [path.stem for path in FILES] == ["apiida", "etlworks", "github", "izanami", "unleash"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_entry_is_what_the_api_takes(path: Path) -> None:
    entries = entries_of(path.stem)
    for document in entries:
        body = {name: value for name, value in document.items() if name != "type"}
        entry = event_type_of(body, TENANT, document["type"], NOW)
        assert entry.description.endswith(".")
    types = [document["type"] for document in entries]
    assert len(set(types)) == len(types)


def test_un_2_all_event_types_of_unleash_are_there() -> None:
    assert [entry["type"] for entry in entries_of("unleash")] == UNLEASH.split()
