"""Providers whose callers prove themselves by tokens: who waits, who is told, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from hookline.errors import Rejected
from hookline.services.inbound.receive import Accepted, Done, Refused
from tests.engine.inbound_stack import Stack
from tests.engine.issuer import rsa_key
from tests.inbound_builders import a_call
from tests.unit.inbound.issuing import VERIFY, Published, token

# -- through the services --------------------------------------------------------------------------


def _documents() -> dict[str, bytes]:
    return {url: json.dumps(each).encode() for url, each in Published().now.items()}


def _stack(**provider: object) -> tuple[Stack, Callable[[str], dict[str, str]]]:
    stack = Stack(published=_documents())
    stack.a_function(stack.a_provider(verify=VERIFY, **provider))
    return stack, lambda text: {"authorization": f"Bearer {text}"}


def test_a_message_waits_for_an_issuer_out_of_reach_and_is_run_once_it_is_back() -> None:
    stack, bearer = _stack()
    stack.published = {}
    kept = stack.kept(a_call(headers=bearer(token())))
    stack.work(kept.message_id)
    assert stack.events.accepted == {}
    stack.published = _documents()
    stack.later(timedelta(seconds=10))
    stack.work(kept.message_id)
    assert len(stack.events.accepted) == 1
    assert token() not in str(stack.message(kept.message_id))


@pytest.mark.parametrize(
    "provider", [{"mode": "sync"}, {"verify": {**VERIFY, "on_mismatch": "401"}}]
)
def test_who_waits_or_is_to_be_told_hears_that_a_token_does_not_verify(
    provider: dict[str, object],
) -> None:
    stack = Stack(published=_documents())
    stack.a_function(stack.a_provider(**{"verify": VERIFY, **provider}))
    forged = stack.receive(a_call(headers={"authorization": f"Bearer {token(rsa_key('forger'))}"}))
    assert isinstance(forged, Refused)
    right = stack.receive(a_call(headers={"authorization": f"Bearer {token()}"}))
    assert isinstance(right, Done | Accepted)


def test_others_are_answered_before_anything_is_fetched() -> None:
    stack, bearer = _stack()
    stack.receive(a_call(headers=bearer(token())))
    assert stack.fetched == []


@pytest.mark.parametrize("field", ["issuer", "jwks_url"])
@pytest.mark.parametrize(
    "address",
    ["http://login.example.com", "https://127.0.0.1", "https://169.254.169.254/x", "ftp://a.b/c/d"],
)
def test_an_address_that_may_not_be_called_is_refused_when_it_is_saved(
    field: str, address: str
) -> None:
    with pytest.raises(Rejected) as refused:
        Stack().a_provider(verify={**VERIFY, field: address})
    assert [each.field for each in refused.value.errors] == [f"verify.{field}"]
