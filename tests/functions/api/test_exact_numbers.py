"""What was published is what is read back, previewed and tried out: digit for digit."""

from __future__ import annotations

import json

import pytest

from tests.worlds.client import Client

DATA = b'{"z":99999999999999.99,"d":19.90,"e":1e3,"p":0.12345678901234567890123,"n":-0}'


def event(data: bytes, event_id: bytes = b"e-1") -> bytes:
    return b'{"type":"flow.executed","id":"%s","data":%s}' % (event_id, data)


def test_the_events_api_shows_the_digits_that_were_published(client: Client) -> None:
    assert client("POST", "/events", raw=event(DATA)).status == 202
    assert DATA.decode() in client("GET", "/events/e-1").text


def test_a_preview_shows_them(client: Client) -> None:
    template = json.dumps("{{#json}}event.data{{/json}}").encode()
    reply = client(
        "POST", "/templates/preview", raw=b'{"template":%s,"event":%s}' % (template, event(DATA))
    )
    assert reply.json["body"] == DATA.decode()


def test_filters_and_schemas_compare_by_value(client: Client) -> None:
    client.a_webhook(filter="data.d == `19.9` && data.e == `1000`")
    (item,) = client("POST", "/events/dry-run", raw=event(DATA)).json["items"]
    assert item["matched"] is True
    schema = {"properties": {"e": {"type": "integer", "maximum": 1000}}}
    assert client("PUT", "/event-types/flow.executed", {"schema": schema}).status == 200
    assert client("POST", "/events", raw=event(DATA)).status == 202


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"7" * 5_000])
def test_a_number_that_cannot_be_kept_is_refused(client: Client, number: bytes) -> None:
    reply = client("POST", "/events", raw=event(number))
    assert (reply.status, reply.json["code"]) == (422, "number_out_of_range")
    assert number[:20].decode() in reply.json["detail"]
    assert client("GET", "/events/e-1").status == 404
