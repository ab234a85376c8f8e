"""Numbers keep their digits wherever they go, and compare by value."""

from __future__ import annotations

import copy
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.adapters.dynamo.event.events import from_item, to_item
from hookline.domain.documents import strict_json
from hookline.domain.documents.strict_json import Exact, dumps
from hookline.domain.event.rules import event_of
from hookline.domain.ids import EventId, TenantId, WebhookId
from hookline.domain.inbound.payload import payload_of
from hookline.domain.net.header_rules import FORM
from hookline.domain.request.rendering import WebhookView, render_body
from hookline.domain.sandbox.expressions import compile_expression
from hookline.domain.sandbox.json_schema import check_data

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DATA = (
    '{"z":{"m":99999999999999.99,"d":19.90,"e":1e3,"p":0.12345678901234567890123},'
    '"a":[-0,-0.0,1E+2,1.0,0.1,12345678901234567890123456789012345678901234567890,1e-400]}'
)

digits = st.from_regex(r"\A-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?\Z")
documents = st.recursive(
    digits | st.sampled_from(['"x"', "true", "null", '"é\\n"', '""', "{}", "[]"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda parts: f"[{','.join(parts)}]"),
        st.lists(inner, max_size=4).map(
            lambda parts: "{" + ",".join(f'"k{9 - i}":{part}' for i, part in enumerate(parts)) + "}"
        ),
    ),
    max_leaves=12,
)


def event_with(data: str) -> Any:
    document = strict_json.loads(f'{{"type":"a","data":{data}}}')
    assert isinstance(document, dict)
    event = event_of(document, TenantId("acme"), NOW, EventId("evt_1"))
    return from_item(json.loads(json.dumps(to_item(event, timedelta(days=30)))))


def view(**fields: Any) -> WebhookView:
    return WebhookView(id=WebhookId("wh_1"), name="w", **fields)


@given(documents)
def test_what_is_read_is_printed_digit_for_digit(text: str) -> None:
    assert strict_json.dumps(strict_json.loads(text)) == text


@given(documents)
def test_by_value_it_is_what_any_reader_makes_of_it(text: str) -> None:
    assert strict_json.loads(text) == json.loads(text)


@given(documents)
def test_an_event_s_data_arrive_as_they_were_published(data: str) -> None:
    event = event_with(data)
    if event.data is None:  # null is absent
        return
    body = render_body(event, view()).body or b""
    assert body.endswith(b'"data":%s}' % data.encode())
    template = "{{#json}}event.data{{/json}} {{{eventJson}}}"
    printed_by_template = render_body(event, view(body_template=template)).body or b""
    assert printed_by_template.startswith(f"{data} ".encode())
    assert printed_by_template.endswith(f'"data":{data}}}'.encode())


def test_the_digits_that_were_published_are_sent_in_every_body() -> None:
    event = event_with(DATA)
    assert DATA.encode() in (render_body(event, view()).body or b"")
    form = render_body(event, view(content_type=FORM)).body or b""
    assert dict(parse_qsl(form.decode()))["data"] == DATA
    one = view(body_template="{{event.data.z.d}} {{event.data.z.e}} {{event.data.a.0}}")
    assert render_body(event, one).body == b"19.90 1e3 -0"


@pytest.mark.parametrize("text", ["1e400", "-1e400", "9" * 5_000])
def test_what_no_reader_can_represent_is_refused(text: str) -> None:
    with pytest.raises(strict_json.NumberOutOfRange):
        strict_json.loads(f'{{"n":{text}}}')


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("d == `19.9` && e == `1000`", "true"),
        ("e > `999.5` && d < `20`", "true"),
        ("d", "19.90"),
        ("{x: [d, e]}", '{"x":[19.90,1e3]}'),
        ("max([d, e])", "1e3"),
        ("to_string(@)", '"{\\"d\\":19.90,\\"e\\":1e3}"'),
        ("type(d)", '"number"'),
        ("sum([e, e])", "2000.0"),
        ('`[1.50, {"a": 1e3}]`', '[1.50,{"a":1e3}]'),
        ("to_number('19.90')", "19.90"),
        ("to_number('12345678901234567890.1234')", "12345678901234567890.1234"),
        ("to_number('1e400')", "null"),
        (f"to_number('{'9' * 400}')", "null"),
    ],
)
def test_expressions_compare_by_value_and_pass_digits_on(expression: str, result: str) -> None:
    message = payload_of(b'{"d":19.90,"e":1e3}', "application/json").value
    assert strict_json.dumps(compile_expression(expression).evaluate(message)) == result


def test_schemas_compare_by_value() -> None:
    data = strict_json.loads('{"a":1e3,"b":[1.0,1],"c":19.90}')
    schema = {
        "properties": {
            "a": {"type": "integer", "enum": [1000], "multipleOf": 10},
            "b": {"uniqueItems": True},
            "c": {"type": "number", "const": 19.9, "maximum": 19.9},
        }
    }
    assert [error.field for error in check_data(schema, data)] == ["b"]


def test_a_copy_has_the_same_digits() -> None:
    value = [Exact("19.90")]
    assert dumps(copy.deepcopy(value)) == dumps(value) == "[19.90]"


@pytest.mark.parametrize(
    "value", [math.nan, [Exact("1.0"), math.inf], {1: Exact("1.0")}, [object()]]
)
def test_what_is_not_json_is_not_dumps(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        dumps(value)
