"""JSON Merge Patch (RFC 7396): how a PATCH changes a document."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

MOVING = frozenset({"health", "level", "warnings"})
"""Fields that change by themselves, or describe a document rather than belong to it."""


def merge_patch(target: object, patch: object) -> object:
    """``target`` with ``patch`` applied: null removes, objects merge, all else replaces.

    Both are plain JSON values and are not changed. Recursion is as deep as ``patch``, which the
    JSON parser bounds.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def edited(
    document: Mapping[str, object],
    patch: Mapping[str, object],
    *,
    standing: Mapping[str, object],
    parts: AbstractSet[str],
) -> dict[str, object]:
    """The ``document`` of all settable fields after a PATCH.

    A whole answer can be edited and sent back: fields that only the server sets are ignored where
    they equal those in ``standing``; with the current version also those in `MOVING`. All else
    stays in, to be refused by name. Beyond the RFC, one of the ``parts`` that becomes another kind
    replaces the old one as a whole, since the old fields mean nothing to the new kind.
    """
    current = "version" in patch and patch["version"] == standing.get("version")
    given = {
        name: value
        for name, value in patch.items()
        if not (name in standing and standing[name] == value) and not (current and name in MOVING)
    }
    kept = {
        name: value
        for name, value in document.items()
        if not (name in parts and _becomes_another_kind(value, given.get(name)))
    }
    merged = merge_patch(kept, given)
    if not isinstance(merged, dict):
        raise TypeError("a merge of two objects is an object")
    return merged


def _becomes_another_kind(part: object, patch: object) -> bool:
    """By its type, or by the names of its fields if it has none."""
    if not (isinstance(part, dict) and isinstance(patch, dict)):
        return False
    if "type" in part:
        return bool(patch.get("type", part["type"]) != part["type"])
    return any(name not in part for name, value in patch.items() if value is not None)
