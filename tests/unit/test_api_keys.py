"""API keys as text: made, read back, and refused without a look-up."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.identity import api_keys
from tests.builders import an_id

KEY_ID = an_id("key")
secrets = st.binary(min_size=api_keys.SECRET_BYTES, max_size=api_keys.SECRET_BYTES)


@given(secrets)
def test_an_issued_key_reads_back_and_fits_the_documented_pattern(randomness: bytes) -> None:
    text = api_keys.issue(KEY_ID, randomness)
    parsed = api_keys.parse(text)
    assert parsed is not None
    assert parsed.id == KEY_ID
    assert re.fullmatch(api_keys.PATTERN, text)


@given(secrets, secrets)
def test_two_secrets_never_make_the_same_key(one: bytes, other: bytes) -> None:
    same = api_keys.issue(KEY_ID, one) == api_keys.issue(KEY_ID, other)
    assert same == (one == other)


@given(secrets, st.integers(min_value=3, max_value=81), st.sampled_from("0aAZz_-9"))
def test_one_wrong_character_anywhere_is_found_without_a_read(
    randomness: bytes, position: int, character: str
) -> None:
    text = api_keys.issue(KEY_ID, randomness)
    changed = text[:position] + character + text[position + 1 :]
    assert (api_keys.parse(changed) is None) == (changed != text)


@pytest.mark.parametrize(
    "text",
    ["", "hl_", "hl_key_", f"hl_{KEY_ID}_", "hl_root_abc", f"hl_{KEY_ID}_" + "A" * 49, "Bearer x"],
)
def test_what_is_no_key_is_none(text: str) -> None:
    assert api_keys.parse(text) is None


def test_a_secret_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 random bytes, not 31"):
        api_keys.issue(KEY_ID, bytes(31))


def test_a_digest_depends_on_pepper_id_and_secret_and_shows_none_of_them() -> None:
    key = api_keys.ParsedKey(KEY_ID, "s" * 43)
    digests = {
        api_keys.digest(b"pepper", key),
        api_keys.digest(b"another", key),
        api_keys.digest(b"pepper", api_keys.ParsedKey(an_id("key"), key.secret)),
        api_keys.digest(b"pepper", api_keys.ParsedKey(KEY_ID, "t" * 43)),
    }
    assert len(digests) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)


def test_neither_a_parsed_key_nor_its_representation_gives_the_secret_away() -> None:
    assert "sssss" not in repr(api_keys.ParsedKey(KEY_ID, "s" * 43))
