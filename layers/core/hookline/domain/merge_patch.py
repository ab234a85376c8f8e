"""JSON Merge Patch (RFC 7396): how a PATCH changes a document."""

from __future__ import annotations


def merge_patch(target: object, patch: object) -> object:
    """``target`` with ``patch`` applied: null removes, objects merge, all else replaces.

    Both are plain JSON values and stay as they are. Recursion is as deep as ``patch`` is, which
    the JSON parser bounds.
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
