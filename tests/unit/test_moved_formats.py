"""What holds in the format of every system that is moved from."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest

from hookline.domain.net.header_rules import FORM
from tests.builders import an_event
from tests.unit.moved import sent


@pytest.mark.parametrize("format_", ["izanami", "unleash", "apiida", "etlworks"])
def test_a_test_call_says_so_in_every_format(format_: str) -> None:
    call = sent(an_event(test=True), format=format_)
    assert call.headers["X-Hookline-Test"] == "true"
    assert json.loads(call.body or b"")["test"] is True
    form = sent(an_event(test=True), format=format_, content_type=FORM).body or b""
    assert ("test", "true") in parse_qsl(form.decode())


@pytest.mark.parametrize("format_", ["izanami", "unleash", "apiida", "etlworks"])
def test_a_call_can_be_told_from_its_repeats_in_every_format(format_: str) -> None:
    assert sent(an_event(), format=format_).headers["webhook-id"] == an_event().id
