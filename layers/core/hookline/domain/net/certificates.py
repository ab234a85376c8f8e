"""The certificates an endpoint's owner gives us to trust (reference row UN-7)."""

from __future__ import annotations

import ssl

MAX_PEM_BYTES = 16 * 1024
"""The longest ``ca_certificate`` of a webhook."""


def parse_ca_certificates(pem: str) -> None:
    """Check that ``pem`` holds certificates that TLS can trust, by the parser TLS itself uses.

    Raises:
        ValueError: why it cannot be used. The text itself is never repeated: it may hold a key.
    """
    if not pem.isascii():
        raise ValueError("must be PEM text, which is plain ASCII")
    if len(pem) > MAX_PEM_BYTES:
        raise ValueError(f"must not be longer than {MAX_PEM_BYTES:,} bytes")
    if "PRIVATE KEY-----" in pem:
        raise ValueError("must not hold a private key: give the certificates only")
    announced = pem.count("-----BEGIN CERTIFICATE-----")
    if not announced:
        raise ValueError("must hold at least one certificate: -----BEGIN CERTIFICATE-----")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=pem)
    except ssl.SSLError as error:
        raise ValueError("must be valid PEM: a certificate in it cannot be read") from error
    if not context.cert_store_stats()["x509"]:
        raise ValueError("must hold at least one certificate that can be read")
