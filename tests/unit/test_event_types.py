"""Edits of the catalogue's entries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hookline.domain.event.catalogue import EventType
from hookline.errors import Conflict, NotFound
from hookline.services.event.event_types import ManageEventTypes
from tests.builders import TENANT
from tests.engine.clock import FakeClock
from tests.engine.event_types import InMemoryEventTypes

TYPE = "flow.executed"


class Raced(InMemoryEventTypes):
    """A catalogue before whose first ``races`` replacements somebody else makes an edit."""

    def __init__(self, races: int, meanwhile: Callable[[InMemoryEventTypes], object]) -> None:
        super().__init__()
        self._left = races
        self._meanwhile = meanwhile

    def replace(self, before: EventType, after: EventType) -> bool:
        if self._left:
            self._left -= 1
            self._meanwhile(self)
        return super().replace(before, after)


def manage(types: InMemoryEventTypes) -> ManageEventTypes:
    return ManageEventTypes(types=types, clock=FakeClock())


def archive(types: InMemoryEventTypes) -> None:
    entry = manage(types).get(TENANT, TYPE)
    manage(types).put(TENANT, TYPE, {"description": entry.description + "!", "archived": True})


def test_two_patches_at_once_are_both_made() -> None:
    here = manage(Raced(1, archive))
    here.put(TENANT, TYPE, {"description": "ran"})
    after = here.patch(TENANT, TYPE, {"example": {"rows": 3}})
    assert (after.description, after.archived, after.example) == ("ran!", True, {"rows": 3})
    assert here.get(TENANT, TYPE) == after


def test_a_patch_that_loses_every_race_is_a_conflict() -> None:
    here = manage(Raced(9, archive))
    here.put(TENANT, TYPE, {})
    with pytest.raises(Conflict):
        here.patch(TENANT, TYPE, {"example": 1})


def test_an_entry_deleted_while_it_is_patched_stays_deleted() -> None:
    here = manage(Raced(1, lambda types: types.delete(TENANT, TYPE)))
    here.put(TENANT, TYPE, {})
    with pytest.raises(NotFound):
        here.patch(TENANT, TYPE, {"archived": True})
    with pytest.raises(NotFound):
        here.get(TENANT, TYPE)
