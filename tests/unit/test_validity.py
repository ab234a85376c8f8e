"""Whether a body is what its content type says."""

from __future__ import annotations

import re

import pytest

from hookline.domain.request.rendering import Rendered
from hookline.domain.request.validity import validity

FORM = "application/x-www-form-urlencoded"
BOMB = (
    b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">'
    + b"".join(b'<!ENTITY x%d "%s">' % (n, b"&x%d;" % (n - 1) * 9) for n in range(1, 12))
    + b"]><a>&x11;</a>"
)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"a": [1, "\xc3\xbc"]}', "application/json"),
        (b"[" * 100 + b"]" * 100, "application/json"),
        (b'{"a":1}\n\n{"b":2}\n', "application/x-ndjson"),
        (b"a=1&b=x+y%20z&c", FORM),
        (b"", FORM),
        (b"<a b='1'><c/>\xc3\xbc</a>", "application/xml"),
        (b"<p>unclosed <br>", "text/html; charset=utf-8"),
        (b"\xff anything", "text/plain"),
        (b"\xff anything", "application/octet-stream"),
    ],
)
def test_a_body_in_order_has_no_problem(body: bytes, content_type: str) -> None:
    assert validity(Rendered(body, content_type)) is None


def test_no_body_has_no_problem() -> None:
    assert validity(Rendered(None, None)) is None


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b'{"a": &quot;}', "application/json", "The JSON is malformed: .*, at character 6"),
        (b"", "application/json", "malformed"),
        (b'{"a":1,"a":2}', "application/hal+json", '"a" occurs twice'),
        (b'{"a":1}\n{"b":', "application/x-ndjson", "malformed"),
        (b"a=1&b=x y", FORM, "not percent-encoded, at byte 7"),
        (b"a=%zz", FORM, "not percent-encoded, at byte 2"),
        ("a=ü".encode(), FORM, "not percent-encoded, at byte 2"),
        (b"<a><b></a>", "text/xml", "The XML is malformed: mismatched tag: line 1, column 8"),
        (b"<a>&nbsp;</a>", "application/soap+xml", "undefined entity"),
        (b"", "application/xml", "no element found"),
        (BOMB, "application/xml", "document type declaration"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(body: bytes, content_type: str, problem: str) -> None:
    told = validity(Rendered(body, content_type))
    assert told is not None
    assert re.search(problem, told)
