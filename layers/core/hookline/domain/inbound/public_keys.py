"""Signatures by private keys, and tokens of issuers: checked with `cryptography` and PyJWT."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from jwt import PyJWK, PyJWT
from jwt import get_unverified_header as header_of
from jwt.exceptions import PyJWTError

from hookline.domain.documents.strict_json import InvalidJson, loads
from hookline.domain.inbound.hosts import is_of
from hookline.domain.inbound.schemes import Jwt, PublicAlgorithm, PublicKey
from hookline.domain.inbound.signatures import (
    Arrival,
    NotVerified,
    Verdict,
    Verified,
    decoded,
    judged,
    signed,
)
from hookline.errors import Refused

_MAX_RSA_BITS = 8_192
"""A longer key would take too much time to check."""

_LEEWAY = timedelta(seconds=60)
_JWT_ALGORITHMS = ("RS256", "ES256", "RS384", "RS512", "PS256", "ES384", "EdDSA")
"""None is symmetric, so that nobody can sign with a public key (RFC 8725)."""

_FOREIGN_KEYS = ("jku", "jwk", "x5u", "x5c", "crit")

_Key = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class UnusableKey(Refused):
    """The text is no public key for the algorithm; ``detail`` says why."""


def verify_signature(scheme: PublicKey, secrets: Sequence[str], arrival: Arrival) -> Verdict:
    """Judges a call by a scheme of public keys. Raises Unavailable if a key cannot be fetched."""
    found = signed(scheme, arrival, secrets[0] if secrets else "")
    if isinstance(found, NotVerified):
        return found
    try:
        key = _key_for(scheme, arrival)
    except Refused as error:
        return NotVerified(error.detail)
    for candidate in found.candidates:
        if _is_signed_by(key, scheme.algorithm, candidate, found.content):
            return judged(scheme, found, found.content, arrival)
    return NotVerified("the signature does not match")


def public_key(text: str, algorithm: PublicAlgorithm) -> _Key:
    """The key in PEM, a certificate in PEM, DER in base64, or 32 bytes in hex for ed25519.

    Raises UnusableKey.
    """
    try:
        key = _parsed(text.strip(), algorithm)
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error):
        raise UnusableKey("the key is no public key that can be read") from None
    kinds: dict[str, type] = {
        "ed25519": ed25519.Ed25519PublicKey,
        "ecdsa-p256-sha256": ec.EllipticCurvePublicKey,
    }
    if not isinstance(key, kinds.get(algorithm, rsa.RSAPublicKey)):
        raise UnusableKey(f"the key is not one for {algorithm}")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size > _MAX_RSA_BITS:
        raise UnusableKey(f"the key has more than {_MAX_RSA_BITS} bits")
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, ec.SECP256R1):
        raise UnusableKey("the key is not on the curve P-256")
    return key  # type: ignore[return-value] # one of the three, as just checked


def verify_jwt(scheme: Jwt, arrival: Arrival) -> Verdict:
    """Judges the token of a call: signature, issuer, audience and times."""
    given = arrival.call.headers.get(scheme.header)
    if given is None:
        return NotVerified(f"the header {scheme.header} is missing")
    token = given.removeprefix("Bearer ").strip()
    try:
        header = header_of(token)
        if any(name in header for name in _FOREIGN_KEYS):
            return NotVerified("the token names a key of its own")
        if header.get("alg") not in _JWT_ALGORITHMS:
            return NotVerified("the token's algorithm is not one we take")
        jwk = _issuers_key(scheme, header, arrival)
        claims = PyJWT(options={"enforce_minimum_key_length": True}).decode(
            token,
            jwk,
            algorithms=[str(header["alg"])],
            issuer=scheme.issuer,
            audience=scheme.audience,
            # Times are judged as of the arrival, below.
            options={
                "require": ["iss", "aud", "exp"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except Refused as error:
        return NotVerified(error.detail)
    except (PyJWTError, ValueError, RecursionError):
        return NotVerified("the token does not verify")
    return _timely(claims, arrival.at)


def _timely(claims: dict[str, Any], at: datetime) -> Verdict:
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, int | float) or not isinstance(begins, int | float):
        return NotVerified("the token's times are no numbers")
    if expires <= (at - _LEEWAY).timestamp() or begins > (at + _LEEWAY).timestamp():
        return NotVerified("the token is out of date")
    return Verified()


def _issuers_key(scheme: Jwt, header: dict[str, Any], arrival: Arrival) -> PyJWK:
    """The key that a token names; fetched anew if the kept ones lack it (rotation)."""
    address = scheme.jwks_url or _discovered(scheme.issuer, arrival)
    for anew in (False, True):
        key = _key_named(_json(arrival.fetch(address, (), anew=anew)).get("keys"), header)
        if key is not None:
            return key
    raise UnusableKey("the issuer has no key of the token's name and algorithm")


def _discovered(issuer: str, arrival: Arrival) -> str:
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    discovery = _json(arrival.fetch(address, ()))
    if discovery.get("issuer") != issuer:
        raise UnusableKey("the issuer calls itself by another name")
    return str(discovery.get("jwks_uri"))


def _key_named(keys: object, header: dict[str, Any]) -> PyJWK | None:
    """The key that fits, of those that share a name (RFC 7517 allows that for different kinds)."""
    for each in keys if isinstance(keys, list) else []:
        if not isinstance(each, dict) or each.get("kid") != header.get("kid"):
            continue
        if each.get("use", "sig") != "sig" or each.get("alg", header["alg"]) != header["alg"]:
            continue
        try:
            key = PyJWK(each, header["alg"])
        except (PyJWTError, ValueError, TypeError, AttributeError):
            continue  # whatever the parsers make of a broken key: it does not spoil the others
        if not isinstance(key.key, rsa.RSAPublicKey) or key.key.key_size <= _MAX_RSA_BITS:
            return key
    return None


def _json(content: bytes) -> dict[str, Any]:
    try:
        document = loads(content)
    except InvalidJson:
        raise UnusableKey("the issuer's answer is not JSON") from None
    if not isinstance(document, dict):
        raise UnusableKey("the issuer's answer is not a JSON object")
    return document


def _key_for(scheme: PublicKey, arrival: Arrival) -> _Key:
    if scheme.key is not None:
        return public_key(scheme.key, scheme.algorithm)
    url = scheme.key_url.of(arrival.call) if scheme.key_url else None
    if url is None:
        raise UnusableKey("the call names no key")
    return fetched_key(url, scheme, arrival)


def fetched_key(url: str, scheme: PublicKey, arrival: Arrival) -> _Key:
    """The key at a url that a call names: only from the hosts of the scheme."""
    if not is_of(url, scheme.key_hosts):
        raise UnusableKey("the key's address is none of the sender's own")
    content = arrival.fetch(url, scheme.key_hosts)
    certificate = b"BEGIN CERTIFICATE" in content
    if certificate:
        try:
            parsed = x509.load_pem_x509_certificate(content)
        except ValueError:
            raise UnusableKey("the certificate cannot be read") from None
        if not parsed.not_valid_before_utc <= arrival.at <= parsed.not_valid_after_utc:
            raise UnusableKey("the certificate is out of date")
    return public_key(content.decode("ascii", "replace"), scheme.algorithm)


def _parsed(text: str, algorithm: PublicAlgorithm) -> object:
    if "BEGIN CERTIFICATE" in text:
        return x509.load_pem_x509_certificate(text.encode()).public_key()
    if text.startswith("-----BEGIN"):
        return serialization.load_pem_public_key(text.encode())
    if algorithm == "ed25519":
        raw = decoded(text, "hex") or decoded(text, "base64") or b""
        if len(raw) == 32:
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
    return serialization.load_der_public_key(base64.b64decode(text, validate=True))


def _is_signed_by(key: _Key, algorithm: PublicAlgorithm, signature: bytes, content: bytes) -> bool:
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, content)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
        else:
            digest = hashes.SHA1() if algorithm == "rsa-sha1" else hashes.SHA256()  # noqa: S303 - Amazon SNS signs so, in its version 1
            key.verify(signature, content, padding.PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True
