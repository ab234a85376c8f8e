"""A request's body as bytes: what the gateway could not read as text is not guessed at."""

from __future__ import annotations

import pytest

from hookline.domain.documents.strict_json import InvalidJson
from hookline_api.http.call import body_of


def _event(text: str, length: int | None) -> dict[str, object]:
    headers = {} if length is None else {"content-length": str(length)}
    return {"headers": headers, "body": text, "isBase64Encoded": False}


def test_a_body_that_was_not_utf_8_is_refused_though_the_gateway_reads_it_as_text() -> None:
    sent = b'{"type":"a","data":"Jos\xe9"}'
    with pytest.raises(InvalidJson, match="not UTF-8"):
        body_of(_event(sent.decode(errors="replace"), len(sent)))


def test_a_replacement_character_that_was_sent_passes() -> None:
    sent = '{"data":"\ufffd"}'
    assert body_of(_event(sent, len(sent.encode()))) == sent.encode()
    assert body_of(_event(sent, None)) == sent.encode()
