"""What counts as JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.documents import strict_json
from hookline.domain.documents.strict_json import InvalidJson, dumps, levels, loads
from tests.backtracking import Backtracking
from tests.effort import Effort, moves_of

plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False).filter(lambda number: abs(number) != float("inf"))
    | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@given(plain_values)
def test_what_is_written_reads_back_as_the_same(value: object) -> None:
    assert loads(dumps(value)) == value
    assert loads(dumps(value).encode()) == value


@given(st.text() | st.binary())
def test_any_input_is_either_read_or_refused(data: str | bytes) -> None:
    try:
        value = loads(data)
    except InvalidJson:
        return
    assert value == json.loads(data)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed"),
        ("{", "malformed"),
        ("[1] 2", "malformed"),
        ("'a'", "malformed"),
        ("[NaN]", "NaN is not JSON"),
        ("-Infinity", "-Infinity is not JSON"),
        ("1e999", "too large"),
        ("-1e999", "too large"),
        ("1" * 5_000, "more than 309 digits"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', '"c" occurs twice'),
        (r'{"a": 1, "\u0061": 2}', '"a" occurs twice'),
        (r'"\ud800"', "lone surrogate"),
        (r'"\udc00\ud800"', "lone surrogate"),
        (r'"\\\uD83D"', "lone surrogate"),
        ('"\ud800"', "lone surrogate"),
        (b'"\xff"', "not UTF-8"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        ('\ufeff{"a": 1}', "malformed"),
        ('"a\nb"', "malformed"),
    ],
)
def test_what_readers_disagree_about_is_refused(text: str | bytes, reason: str) -> None:
    with pytest.raises(InvalidJson, match=reason):
        loads(text)


def test_a_byte_order_mark_before_a_text_is_skipped() -> None:
    assert loads(b'\xef\xbb\xbf{"a": 1.50}') == {"a": 1.5}
    with pytest.raises(InvalidJson):
        loads(b'\xef\xbb\xbf\xef\xbb\xbf{"a": 1}')


def test_the_position_of_the_fault_is_told() -> None:
    with pytest.raises(InvalidJson) as caught:
        loads('{"a": tru}')
    assert caught.value.position == 6
    assert caught.value.detail == "The JSON is malformed: Expecting value, at character 6"


@pytest.mark.parametrize("text", [r'"\\ud800"', r'"\ud83d\ude00"', '"😀"', r'"\\\\udc00"'])
def test_escapes_that_only_look_like_surrogates_pass(text: str) -> None:
    assert loads(text) == json.loads(text)


def test_nesting_is_counted_outside_of_strings_only() -> None:
    assert loads("[" * 64 + "]" * 64) is not None
    assert loads('["' + "[" * 1_000 + r"\"" + '"]') == ["[" * 1_000 + '"']
    with pytest.raises(InvalidJson, match="deeper than 64") as caught:
        loads("[" * 65 + "]" * 65)
    assert caught.value.position == 64


@pytest.mark.parametrize(
    ("value", "depth"),
    [(None, 0), ("[[", 0), ([], 1), ({"a": 1}, 1), ([1, {"a": [{}]}], 4), ([[], [[]]], 3)],
)
def test_levels_are_counted_where_they_are_deepest(value: object, depth: int) -> None:
    assert levels(value) == depth
    assert levels([value]) == depth + 1


PATTERNS = [strict_json._STRING_OR_BRACKET, strict_json._ESCAPE]
"""What a text is looked through by before it is parsed."""


@pytest.mark.parametrize("beginning", ["", '"'], ids=["text", "string"])
@pytest.mark.parametrize(
    "piece", ["[", '{"a":', '"\\"', '"', "\\ud800", "\\ud83d\\ude00", "[]", "\\", "a", '\\"']
)
def test_hostile_input_is_refused_by_work_linear_in_its_length(beginning: str, piece: str) -> None:
    def refuse(length: int) -> None:
        with pytest.raises(InvalidJson):
            loads(beginning + piece * length)

    for pattern in PATTERNS:
        text = beginning + piece * 200
        search = Backtracking(pattern.pattern, pattern.flags)
        assert search.find_all(text, most=10 * len(text))  # counted: at most 7.2 a character
    with Effort(most=11 * moves_of(lambda: refuse(1_000))):
        refuse(10_000)
