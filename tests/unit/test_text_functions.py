"""The functions for texts that expressions have besides JMESPath's own."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from hookline.domain.sandbox.expressions import ExpressionFailed, compile_expression


def value(expression: str, data: object = None) -> object:
    return compile_expression(expression).evaluate(data)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("split('refs/heads/main', '/')", ["refs", "heads", "main"]),
        ("split('refs/heads/main', '/')[-1]", "main"),
        ("split('abc', '')", ["a", "b", "c"]),
        ("split('', ',')", [""]),
        ("replace('a-b-c', '-', '_')", "a_b_c"),
        ("replace('aaa', 'a', '')", ""),
        ("lower('ÄBC')", "äbc"),
        ("upper('straße')", "STRASSE"),
        ("trim('  a b ')", "a b"),
        ("substr('refs/heads/main', `11`)", "main"),
        ("substr('abcdef', `1`, `3`)", "bcd"),
        ("substr('abcdef', `-2`)", "ef"),
        ("substr('abc', `9`, `2`)", ""),
        ("substr('abc', `1`, `-1`)", ""),
        ("""from_json('{"a":[1]}').a[0]""", 1),
        ("from_json('nonsense')", None),
        ("base64_decode('SMOkbGxv')", "Hällo"),
        ("base64_decode('_-8')", "\ufffd\ufffd"),
        ("base64_decode('a b')", None),
        ("parse_query('?a=1&b=x%20y&a=2')", {"a": ["1", "2"], "b": "x y"}),
        ("sha256('abc')", hashlib.sha256(b"abc").hexdigest()),
        ("hmac_sha256('a', 'k')", hmac.digest(b"k", b"a", "sha256").hex()),
        ("length(hmac_sha256_base64('a', 'k'))", 44),
    ],
)
def test_each_does_what_its_name_says(expression: str, result: object) -> None:
    assert value(expression) == result


@pytest.mark.parametrize(
    "expression", ["lower(`1`)", "split('a')", "substr('a')", "replace('a', 'b', `null`)"]
)
def test_what_they_do_not_take_is_told(expression: str) -> None:
    with pytest.raises(Exception, match=r"takes"):
        value(expression)


def test_a_text_that_would_grow_without_bound_is_paid_for_before_it_is_made() -> None:
    grows = " | ".join(["replace(@, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')"] * 10)
    with pytest.raises(ExpressionFailed, match="more than"):
        value(grows, "a")


def test_splitting_a_long_text_costs_its_parts() -> None:
    with pytest.raises(ExpressionFailed, match="more than"):
        value("split(@, 'a')", "a" * 200_000)
