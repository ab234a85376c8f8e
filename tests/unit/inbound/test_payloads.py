"""What a body says: JSON, forms, XML, compressed or not; and why, where it says nothing."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.inbound.payload import MAX_UNPACKED_BYTES, Payload, payload_of

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("kind", ["application/json", "text/plain; charset=utf-8", ""])
def test_a_byte_order_mark_before_json_is_skipped(kind: str) -> None:
    found = payload_of(b'\xef\xbb\xbf{"a":1}', kind)
    assert found == Payload({"a": 1}, '{"a":1}', None)


@pytest.mark.parametrize(
    ("body", "kind", "encoding", "why"),
    [
        (b"", "application/json", "", "there is no body"),
        (b"\xff{}", "application/json", "", "not UTF-8"),
        (b'{"a":1,"a":2}', "application/json", "", '"a" occurs twice'),
        (rb'{"a":"\ud800"}', "application/json", "", "lone surrogate"),
        (b"hello", "text/plain", "", "malformed"),
        (b"{}", "application/json", "br", "encoded as br"),
        (b"{}", "application/json", "gzip", "is not gzip"),
        (
            gzip.compress(b"{}", mtime=0)[:-4],
            "application/json",
            "gzip",
            "ends before its gzip does",
        ),
        (b"{}", "application/json; charset=klingon", "", "charset 'klingon' is not known"),
        (b"{}", "application/json; charset=idna", "", "charset 'idna' is not known"),
        (b"a=1", "multipart/form-data", "", "names no boundary"),
        (b"--b\r\n", "multipart/form-data; boundary=b", "", "does not end"),
        (b"--b\r\nx\r\n--b--", "multipart/form-data; boundary=b", "", "end of its headers"),
        (b"&".join([b"a=1"] * 1_001), FORM, "", "more than 1,000 fields"),
    ],
)
def test_why_there_is_no_payload_is_said(body: bytes, kind: str, encoding: str, why: str) -> None:
    found = payload_of(body, kind, encoding)
    assert found.value is None
    assert why in str(found.problem)


@pytest.mark.parametrize(
    ("kind", "body", "name"),
    [
        (f"{FORM}; charset=windows-1252", b"name=Jos%E9", "José"),
        (f'{FORM}; Charset="ISO-8859-1"', b"name=Jos\xe9", "José"),
        (FORM, "name=José".encode(), "José"),
        (f"{FORM}; charset=shift_jis", b"name=%83n", "ハ"),
    ],
)
def test_a_form_is_read_in_the_charset_that_it_names(kind: str, body: bytes, name: str) -> None:
    found = payload_of(body, kind)
    assert (found.value, found.problem) == ({"name": name}, None)


def test_what_is_not_in_a_forms_charset_is_kept_as_far_as_it_goes_and_said() -> None:
    found = payload_of(b"name=Jos%E9&n=1", FORM)
    assert found.value == {"name": "Jos\ufffd", "n": "1"}
    assert found.problem == "what is not utf-8 in the form reads as U+FFFD"


def _deflate(body: bytes) -> bytes:
    return zlib.compress(body)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b'{"a":[1]}', mtime=0)),
        ("X-GZIP", gzip.compress(b'{"a":[1]}', mtime=0)),
        ("deflate", _deflate(b'{"a":[1]}')),
        ("deflate, gzip", gzip.compress(_deflate(b'{"a":[1]}'), mtime=0)),
        ("identity", b'{"a":[1]}'),
    ],
)
def test_a_compressed_body_is_unpacked(encoding: str, packed: bytes) -> None:
    found = payload_of(packed, "application/json", encoding)
    assert (found.value, found.raw, found.problem) == ({"a": [1]}, '{"a":[1]}', None)


def test_a_body_that_unpacks_to_more_than_can_be_meant_is_not_unpacked_further() -> None:
    bomb = gzip.compress(b"0" * (MAX_UNPACKED_BYTES + 1))
    assert "unpacks to more than" in str(payload_of(bomb, "application/json", "gzip").problem)


def test_xml_is_text_in_its_own_encoding() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><n>José</n>'
    for kind in ("application/xml", "text/xml", "application/soap+xml; charset=iso-8859-1"):
        assert payload_of(text.encode("iso-8859-1"), kind).value == text


def test_a_multipart_form_as_requests_writes_it_gives_its_fields_and_what_its_files_are() -> None:
    prepared = requests.Request(
        "POST",
        "https://example.com",
        data=[("to", "José"), ("tag", "a"), ("tag", "b")],
        files={"attachment": ('in"voice.pdf', b"%PDF\r\n\x00\xff", "application/pdf")},
    ).prepare()
    body = prepared.body
    assert isinstance(body, bytes)
    found = payload_of(body, prepared.headers["Content-Type"])
    assert found.problem is None
    value = found.value
    assert isinstance(value, dict)
    assert (value["to"], value["tag"]) == ("José", ["a", "b"])
    assert value["attachment"]["content_type"] == "application/pdf"
    assert value["attachment"]["size"] == 8


_KINDS = st.sampled_from(
    ["", "application/json", FORM, "text/xml", "multipart/form-data; boundary=b", f"{FORM};charset"]
) | st.text(max_size=40)


@given(body=st.binary(max_size=200), kind=_KINDS, encoding=st.sampled_from(["", "gzip", "deflate"]))
def test_whatever_comes_has_a_value_or_a_reason_and_reads_as_text(
    body: bytes, kind: str, encoding: str
) -> None:
    found = payload_of(body, kind, encoding)
    assert (
        found.value is not None or found.problem or body.strip() in (b"null", b"\xef\xbb\xbfnull")
    )
    json.dumps([found.value, found.raw]).encode()


@given(content=st.text(alphabet='"\\;= ab', max_size=60))
def test_parameters_of_a_strangers_content_type_are_read_in_one_pass(content: str) -> None:
    payload_of(b"{}", f"application/json; charset={content}")
