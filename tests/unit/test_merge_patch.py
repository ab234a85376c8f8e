"""The examples of RFC 7396, appendix A."""

from __future__ import annotations

import pytest

from hookline.domain.documents.merge_patch import edited, merge_patch


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_the_rfc(target: object, patch: object, result: object) -> None:
    assert merge_patch(target, patch) == result


DOCUMENT = {"name": "a", "by_type": {"type": "x", "one": 1}, "by_field": {"one": 1}}


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({"name": "b"}, {"name": "b"}),
        ({"id": "1", "version": 9, "name": "b"}, {"name": "b"}),
        ({"id": "2"}, {"id": "2"}),  # and is refused by whoever reads it
        ({"version": 8}, {"version": 8}),
        ({"version": 9, "health": {"state": "then"}}, {}),
        ({"health": {"state": "then"}}, {"health": {"state": "then"}}),
        ({"version": 8, "health": {}}, {"version": 8, "health": {}}),
        ({"unknown": 1}, {"unknown": 1}),
        ({"by_type": {"one": 2}}, {"by_type": {"type": "x", "one": 2}}),
        ({"by_type": {"type": "x"}}, {}),
        ({"by_type": {"type": "y", "two": 2}}, {"by_type": {"type": "y", "two": 2}}),
        ({"by_field": {"one": 2}}, {"by_field": {"one": 2}}),
        ({"by_field": {}}, {}),
        ({"by_field": {"two": 2}}, {"by_field": {"two": 2}}),
        ({"by_field": "text"}, {"by_field": "text"}),
    ],
)
def test_an_edit_takes_a_whole_answer_and_replaces_parts_of_another_kind(
    patch: dict[str, object], changed: dict[str, object]
) -> None:
    standing = {"id": "1", "version": 9}
    edit = edited(DOCUMENT, patch, standing=standing, parts={"by_type", "by_field"})
    assert edit == DOCUMENT | changed


def test_the_target_stays_as_it_is() -> None:
    target = {"a": {"b": 1}}
    merge_patch(target, {"a": {"b": 2}})
    assert target == {"a": {"b": 1}}
