"""Fetches the key set of the stack's OIDC issuer (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import requests
from urllib3.exceptions import HTTPError

from hookline.domain.documents import strict_json
from hookline.errors import Unavailable

_CONNECT_SECONDS = 2
_READ_SECONDS = 3
_MAX_BYTES = 512 * 1024


class OidcKeySet:
    """The keys that the issuer publishes, which the operator named and so trusts to answer.

    ``ca_bundle`` is the file of roots to trust in place of the public ones.
    """

    def __init__(self, issuer: str, *, ca_bundle: str | None = None) -> None:
        self.issuer = issuer
        self._verify = True if ca_bundle is None else ca_bundle

    def __call__(self) -> Sequence[Mapping[str, object]]:
        """The JWKs as they are. Raises `hookline.errors.Unavailable`."""
        with requests.Session() as session:
            session.trust_env = False  # no proxies, no .netrc
            session.verify = self._verify
            base = self.issuer.rstrip("/")
            discovery = _get(session, f"{base}/.well-known/openid-configuration")
            if discovery.get("issuer") != self.issuer:
                raise Unavailable("the OIDC issuer calls itself by another name")
            keys = _get(session, str(discovery.get("jwks_uri"))).get("keys")
        if not isinstance(keys, list):
            raise Unavailable("the OIDC issuer's key set has no keys")
        return [key for key in keys if isinstance(key, dict)]


def _get(session: requests.Session, url: str) -> Mapping[str, object]:
    if not url.startswith("https://"):
        raise Unavailable("the OIDC issuer has to be asked over https")
    try:
        with session.get(
            url,
            timeout=(_CONNECT_SECONDS, _READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            body = response.raw.read(_MAX_BYTES + 1, decode_content=True)
            status = response.status_code
    except (requests.RequestException, HTTPError, OSError) as error:
        # urllib3's own errors besides: past requests, which reads no more than the head here.
        raise Unavailable(f"the OIDC issuer: {type(error).__name__}") from error
    if status != requests.codes.ok or len(body) > _MAX_BYTES:
        raise Unavailable(f"the OIDC issuer answered {status} with {len(body)} bytes")
    try:
        document = strict_json.loads(body)
    except strict_json.InvalidJson as error:
        raise Unavailable("the OIDC issuer's answer is not JSON") from error
    if not isinstance(document, dict):
        raise Unavailable("the OIDC issuer's answer is not a JSON object")
    return document
