"""The secrets that a deploy generates: AWS can, and what comes out is fit for a key."""

from __future__ import annotations

import string

import boto3
import pytest
from moto import mock_aws

from tests.worlds.template import resources

SECRETS = resources("AWS::SecretsManager::Secret")
BITS_OF_A_CHARACTER = 5.95  # base 62
ENOUGH_BITS = 250


@pytest.mark.parametrize("secret", SECRETS)
def test_a_generated_secret_is_of_letters_and_digits(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class without characters left is refused, unless it is excluded as a class: AWS asks for
    one of each that is included (RequireEachIncludedType)."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        answer = boto3.client("secretsmanager").get_random_password(
            **SECRETS[secret]["GenerateSecretString"]
        )
    generated = answer["RandomPassword"]
    assert set(generated) <= set(string.ascii_letters + string.digits)
    assert len(generated) * BITS_OF_A_CHARACTER > ENOUGH_BITS


@pytest.mark.parametrize("secret", SECRETS)
def test_an_emulator_that_knows_characters_alone_makes_the_same(secret: str) -> None:
    excluded = SECRETS[secret]["GenerateSecretString"]["ExcludeCharacters"]
    assert set(excluded) == set(string.punctuation)
