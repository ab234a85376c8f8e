"""What CONTRIBUTING.md says of where a change goes is so."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pytest

from hookline import errors, problems
from hookline.domain.inbound import presets
from hookline.domain.inbound.signatures import Arrival, Verified
from hookline.domain.inbound.verify import verify
from hookline.domain.webhook import fields as declared
from hookline.domain.webhook.webhook import PlainFields
from tests.builders import NOW
from tests.inbound_builders import a_call

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([^|`]+) \| (.+) \|$", PAGE, re.MULTILINE))
PATHS = sorted(
    set(re.findall(r"`((?:layers|functions|tests|tools|docs)/[\w./-]+|template\.yaml)`", PAGE))
)


@pytest.mark.parametrize("path", PATHS)
def test_every_file_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "change",
    [
        "a webhook field that is the same everywhere",
        "an error kind",
        "a signature preset",
        "an alarm",
        "a filter of a list",
    ],
)
def test_the_usual_changes_have_an_answer(change: str) -> None:
    assert "`" in ROWS[change]


def test_a_field_that_is_the_same_everywhere_is_declared_where_the_page_says() -> None:
    source = Path(str(declared.__file__)).read_text(encoding="utf-8")
    for field in fields(PlainFields):
        assert re.search(
            rf"^    {field.name} = (required|optional|defaulted)\(", source, re.MULTILINE
        )


def test_such_a_field_stands_in_no_codec_of_the_table_by_name() -> None:
    codec = ROOT / "layers/core/hookline/adapters/dynamo/webhook/webhook_item.py"
    # Items written before hold a Content-Type among their headers, which is moved.
    names = {each.name for each in fields(PlainFields)} - {"content_type"}
    text = codec.read_text(encoding="utf-8")
    assert not [name for name in names if f'"{name}"' in text]


def test_every_refusal_has_a_status_of_its_own_or_of_its_branch() -> None:
    refusals = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.Refused)
        and kind is not errors.Refused
    ]
    assert refusals
    without = [kind for kind in refusals if not set(kind.__mro__) & set(problems.STATUS)]
    assert without == []


def test_a_preset_is_its_file_and_nothing_else() -> None:
    folder = Path(str(presets.__file__)).parent / "providers"
    assert {path.stem for path in folder.glob("*.json")} == set(presets.preset_names())


def test_the_senders_file_that_is_shown_is_a_preset_as_it_stands() -> None:
    (text,) = re.findall(r"```json\n(\{.+?\})\n```", PAGE, re.DOTALL)
    acme = presets.preset_of("acme", json.loads(text))
    body = b'{"type":"order.paid"}'
    signature = f"sha256={hmac.digest(b'its secret', body, 'sha256').hex()}"
    headers = {"x-acme-signature": signature, "x-acme-delivery": "d-1"}
    call = a_call(headers=headers, body=body)
    (scheme,) = acme.schemes_with({})
    assert verify(scheme, ["its secret"], Arrival(call, NOW, _nothing)) == Verified()
    assert verify(scheme, ["another"], Arrival(call, NOW, _nothing)) != Verified()
    assert acme.id is not None
    assert acme.event_type is not None
    assert (acme.id.of(call), acme.event_type.of(call)) == ("d-1", "order.paid")


def _nothing(url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
    raise AssertionError(url)
