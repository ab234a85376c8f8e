"""Sessions as text: nobody without the key makes one or changes one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.identity.sessions import Look, Session, seal, unseal
from tests.builders import NOW, PRINCIPAL, TENANT

KEY = b"k" * 32
SESSION = Session(
    tenant=TENANT,
    principal_id=PRINCIPAL,
    issued_at=NOW,
    expires_at=NOW + timedelta(hours=1),
    look=Look("Acme \u00fc", "data:image/png;base64,AA==", "#2255cc"),
)


def test_a_session_reads_back_as_it_was_sealed() -> None:
    text = seal(KEY, SESSION)
    assert text.startswith("hls_")
    assert unseal(KEY, text) == SESSION


@given(st.data())
def test_a_session_with_any_character_changed_is_none(data: st.DataObject) -> None:
    text = seal(KEY, SESSION)
    at = data.draw(st.integers(4, len(text) - 2))  # the last one may hold bits of no meaning
    other = data.draw(st.sampled_from("AaZz09-_").filter(lambda each: each != text[at]))
    assert unseal(KEY, text[:at] + other + text[at + 1 :]) is None


@pytest.mark.parametrize("text", ["hls_", "hls_AA", "hls_!", "hls_\u00e9", "hls_" + "A" * 100])
def test_what_was_never_sealed_is_none(text: str) -> None:
    assert unseal(KEY, text) is None


def test_a_session_of_another_stack_is_none() -> None:
    assert unseal(b"j" * 32, seal(KEY, SESSION)) is None
