from __future__ import annotations

import pytest
import trustme

from hookline.domain.net.certificates import parse_ca_certificates

CA = trustme.CA()
PEM = CA.cert_pem.bytes().decode()


@pytest.mark.parametrize(
    "pem", [PEM, PEM + trustme.CA().cert_pem.bytes().decode(), "a comment\n" + PEM]
)
def test_certificates_are_taken(pem: str) -> None:
    parse_ca_certificates(pem)


BODY = PEM.splitlines()[1]


@pytest.mark.parametrize(
    ("pem", "says"),
    [
        ("", "at least one certificate"),
        ("no certificate at all", "at least one certificate"),
        (CA.private_key_pem.bytes().decode(), "private key"),
        (PEM + CA.private_key_pem.bytes().decode(), "private key"),
        (PEM.replace(BODY, "A" * len(BODY)), "valid PEM"),
        (PEM[: len(PEM) // 2], "valid PEM"),
        (PEM + PEM[: len(PEM) // 2], "valid PEM"),
        (PEM.replace(BODY, "!" * len(BODY)), "valid PEM"),
        ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "valid PEM"),
        (PEM * 40, "16,384 bytes"),
        (PEM + "é", "ASCII"),
    ],
)
def test_what_tls_could_not_trust_is_refused(pem: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        parse_ca_certificates(pem)
    assert BODY not in str(refused.value)
