"""AWS's signature of a request, version 4, for services that take JSON at one address.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

_ALGORITHM = "AWS4-HMAC-SHA256"
_END_OF_SCOPE = "aws4_request"


class Signer:
    """Signs what is posted to a ``path`` of ``host``, a service's endpoint in ``region``.

    The host is as in its header: in lower case, without the usual port of its scheme. A
    signing key is good for a day, and derived once.
    """

    def __init__(self, *, service: str, region: str, host: str, path: str = "/") -> None:
        self._scope = (region, service, _END_OF_SCOPE)
        self._host = host
        self._path = path
        self._derived: tuple[tuple[str, str], bytes] = (("", ""), b"")

    def sign(
        self,
        headers: Mapping[str, str],
        body: bytes,
        credentials: ReadOnlyCredentials,
        now: datetime,
    ) -> dict[str, str]:
        """The headers and those that sign them; ``now`` in UTC.

        Signed are the content's type and target, where and when it is sent, and the body. What
        else is among the headers may be changed on the way.
        """
        time = f"{now:%Y%m%dT%H%M%SZ}"
        to_sign = {
            "content-type": headers["Content-Type"],
            "host": self._host,
            "x-amz-date": time,
            "x-amz-security-token": credentials.token,
            "x-amz-target": headers["X-Amz-Target"],
        }
        if not credentials.token:
            del to_sign["x-amz-security-token"]
        names = ";".join(to_sign)
        lines = "".join(f"{name}:{value}\n" for name, value in to_sign.items())
        request = f"POST\n{self._path}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        day = time[:8]
        scope = "/".join((day, *self._scope))
        digest = hashlib.sha256(request.encode()).hexdigest()
        key = self._key(str(credentials.secret_key), day)
        signature = hmac.digest(key, f"{_ALGORITHM}\n{time}\n{scope}\n{digest}".encode(), "sha256")
        signed = {
            **headers,
            "X-Amz-Date": time,
            "Authorization": f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature.hex()}",
        }
        if credentials.token:
            signed["X-Amz-Security-Token"] = credentials.token
        return signed

    def _key(self, secret: str, day: str) -> bytes:
        derived_from, key = self._derived
        if derived_from != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, *self._scope):
                key = hmac.digest(key, part.encode(), "sha256")
            self._derived = ((secret, day), key)
        return key
