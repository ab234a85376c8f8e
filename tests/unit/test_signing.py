"""Signing secrets and signatures."""

from __future__ import annotations

import base64
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import standardwebhooks
import svix
from hypothesis import given
from hypothesis import strategies as st

from hookline.domain.webhook.signing import (
    hmac_signature,
    new_secret,
    standard_signature,
    timestamp_of,
    validate_secret,
)

VECTOR = json.loads(
    (Path(__file__).parents[1] / "vectors" / "standard-webhooks.json").read_text(encoding="utf-8")
)
CURRENT = new_secret(bytes(range(32)))
PREVIOUS = new_secret(bytes(range(24)))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BODY = '{"name":"grüße 😀"}'.encode()


def the_headers(*secrets: str) -> dict[str, str]:
    now = datetime.now(UTC)  # the receivers' libraries look at the real clock
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(timestamp_of(now)),
        "webhook-signature": standard_signature(secrets, "evt_1", now, BODY),
    }


def test_the_specifications_vector_is_signed_as_it_says() -> None:
    sent_at = datetime.fromtimestamp(VECTOR["timestamp"], UTC)
    signed = standard_signature([VECTOR["secret"]], VECTOR["id"], sent_at, VECTOR["body"].encode())
    assert signed == VECTOR["signature"]


type Verifier = standardwebhooks.Webhook | svix.Webhook
LIBRARIES = [standardwebhooks.Webhook, svix.Webhook]
REFUSALS = (standardwebhooks.WebhookVerificationError, svix.WebhookVerificationError)


def accepts(receiver: Verifier, body: bytes, headers: dict[str, str]) -> bool:
    try:
        receiver.verify(body, headers)
    except REFUSALS:
        return False
    return True


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("known", [CURRENT, PREVIOUS])
def test_receivers_libraries_verify_either_secret_during_a_rotation(
    library: type[Verifier], known: str
) -> None:
    assert accepts(library(known), BODY, the_headers(CURRENT, PREVIOUS))


@pytest.mark.parametrize("library", LIBRARIES)
def test_receivers_libraries_refuse_another_body_and_another_secret(
    library: type[Verifier],
) -> None:
    assert not accepts(library(CURRENT), BODY + b" ", the_headers(CURRENT))
    assert not accepts(library(PREVIOUS), BODY, the_headers(CURRENT))


def test_the_current_secret_signs_first() -> None:
    both = standard_signature([CURRENT, PREVIOUS], "evt_1", NOW, BODY).split(" ")
    assert both[0] == standard_signature([CURRENT], "evt_1", NOW, BODY)
    assert both[1] == standard_signature([PREVIOUS], "evt_1", NOW, BODY)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_openssl_makes_the_same_hex_from_the_secrets_text(algorithm: str) -> None:
    signed = hmac_signature(CURRENT, BODY, algorithm)  # type: ignore[arg-type]  # a parameter is a str
    command = ["openssl", "dgst", f"-{algorithm}", "-hmac", CURRENT, "-r"]
    printed = subprocess.run(command, input=BODY, capture_output=True, check=True).stdout
    assert printed.split()[0].decode() == signed


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_made_here_is_valid(random_bytes: bytes) -> None:
    secret = new_secret(random_bytes)
    assert validate_secret(secret) is None
    assert base64.b64decode(secret.removeprefix("whsec_")) == random_bytes


@pytest.mark.parametrize("length", [0, 23, 65])
def test_a_secret_is_not_made_of_too_few_or_too_many_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="24 to 64"):
        new_secret(bytes(length))


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("", "begin with whsec_"),
        (base64.b64encode(bytes(32)).decode(), "begin with whsec_"),
        ("whsec_", "24 to 64 bytes, not 0"),
        ("whsec_" + base64.b64encode(bytes(23)).decode(), "24 to 64 bytes, not 23"),
        ("whsec_" + base64.b64encode(bytes(65)).decode(), "24 to 64 bytes, not 65"),
        ("whsec_" + base64.b64encode(bytes(32)).decode().rstrip("="), "with its padding"),
        ("whsec_" + "-_" * 20, "base64"),
        ("whsec_" + "A" * 39 + "\n", "base64"),
        ("whsec_" + "ü" * 40, "base64"),
    ],
)
def test_a_bad_secret_is_refused_without_being_quoted(secret: str, problem: str) -> None:
    message = validate_secret(secret)
    assert message is not None
    assert problem in message
    assert len(secret) < 10 or secret.removeprefix("whsec_") not in message
