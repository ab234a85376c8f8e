"""What senders really send: the files of events/providers, signed as their presets say.

That the presets say what their senders do is shown with the senders' own libraries
(tests/unit/inbound/test_presets.py): here it is taken for granted.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from hookline.domain.inbound.message import Call
from hookline.domain.inbound.presets import preset_names
from hookline.domain.inbound.schemes import Basic, Hmac, PublicKey, Scheme, Timestamp, Token
from hookline.domain.inbound.signatures import key_of
from hookline.domain.inbound.signed_content import Known
from hookline.domain.inbound.sources import Source
from hookline.domain.inbound.verify import Verify
from tests.builders import TENANT
from tests.unit.inbound.senders import AT, MILLIS, SECONDS, URL, Signed, certificate

FOLDER = Path(__file__).parents[3] / "events" / "providers"
_ISO = "2026-11-22T12:00:00.000Z"
_SECRETS = {
    "whsec": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "hex": "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
    "base64": "YSBrZXkgb2YgYnl0ZXM=",
    "text": "s3cret-of-theirs",
}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders"


@dataclass(frozen=True)
class Payload:
    """One file: a call without its proof, and what is to be found in it."""

    preset: str
    document: dict[str, Any]

    @property
    def signed(self) -> Signed:
        """The call with its proof."""
        call = Call(
            tenant=TENANT,
            method="POST",
            uri=self.preset,
            headers=dict(self.document["headers"]),
            query={name: (value,) for name, value in self.document.get("query", {}).items()},
            body=self._body(),
            remote_addr="192.0.2.1",
            url=URL,
        )
        verify: dict[str, object] = {}
        if self.preset in ("azure-devops", "servicenow"):
            verify["username"] = "hooks"
        if self.preset == "aws-sns":
            verify["expect"] = {"body:TopicArn": TOPIC}
        if self.preset in ("discord", "sendgrid"):
            verify["key"] = _public(_keys()[_ALGORITHMS[self.preset]])
        scheme = Verify({"type": self.preset, **verify}).schemes[0]
        return _proved(Signed(self.preset, "", call, verify=verify), scheme)

    def _body(self) -> bytes:
        if "text" in self.document:
            return str(self.document["text"]).encode()
        return json.dumps(self.document["body"], ensure_ascii=False).encode()


def payloads() -> list[Payload]:
    """All of them, one for each preset."""
    return [
        Payload(name, json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
        for name in preset_names()
    ]


_ALGORITHMS = {"discord": "ed25519", "sendgrid": "ecdsa-p256-sha256"}


@cache
def _keys() -> dict[str, Any]:
    return {
        "ed25519": ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
        "ecdsa-p256-sha256": ec.generate_private_key(ec.SECP256R1()),
        "rsa-sha256": rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
    }


def _public(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    der = key.public_key().public_bytes(serialization.Encoding.DER, form)
    return base64.b64encode(der).decode()


def _proved(given: Signed, scheme: Scheme) -> Signed:
    match scheme:
        case Hmac():
            secret = _SECRETS[scheme.key_encoding]
            key = key_of(secret, scheme.key_encoding) or b""
            call = _timed(given.call, scheme)
            content = scheme.content.of(call, _known(scheme, call, ""))
            digest = hmac.digest(key, content or b"", scheme.algorithm)
            return replace(given, call=_with(call, scheme, digest), secrets=(secret,))
        case PublicKey():
            call, key = _timed(given.call, scheme), _keys()[scheme.algorithm]
            content = scheme.content.of(call, _known(scheme, call, "WH-12345")) or b""
            url = scheme.key_url.of(call) if scheme.key_url else None
            published = {url: certificate(key)} if url else {}
            signed = _with(call, scheme, _signature(key, content))
            return replace(given, call=signed, secrets=("WH-12345",), published=published)
        case Token(place, prefix):
            secret = _SECRETS["text"]
            return replace(given, call=_put(given.call, place, prefix + secret), secrets=(secret,))
        case Basic(username):
            secret = _SECRETS["text"]
            text = base64.b64encode(f"{username}:{secret}".encode()).decode()
            place = Source("header", "authorization")
            return replace(given, call=_put(given.call, place, f"Basic {text}"), secrets=(secret,))
        case _:
            return given


def _signature(key: Any, content: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(content)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(content, ec.ECDSA(hashes.SHA256()))
    return bytes(key.sign(content, padding.PKCS1v15(), hashes.SHA256()))


def _known(scheme: Hmac | PublicKey, call: Call, secret: str) -> Known:
    stamp = scheme.timestamp
    name = scheme.id.of(call) if scheme.id else None
    return Known(None if stamp is None else _stamp(stamp), name, secret)


def _stamp(timestamp: Timestamp) -> str:
    return {"s": SECONDS, "ms": MILLIS, "iso": _ISO}[timestamp.unit]


def _timed(call: Call, scheme: Hmac | PublicKey) -> Call:
    """With the time that is signed, where a header holds it; in bodies it stands already."""
    stamp = scheme.timestamp
    if stamp is None or stamp.source.kind != "header":
        return call
    return _put(call, stamp.source, _stamp(stamp))


def _with(call: Call, scheme: Hmac | PublicKey, signature: bytes) -> Call:
    text = signature.hex() if scheme.encoding == "hex" else base64.b64encode(signature).decode()
    if scheme.layout == "pairs":
        first = scheme.timestamp.source.name if scheme.timestamp else ""
        stamp = _stamp(scheme.timestamp) if scheme.timestamp else ""
        text = f"{first}={stamp}{scheme.delimiter or ','}{scheme.prefix}={text}"
    else:
        text = scheme.prefix + text
    return _put(call, replace(scheme.place, name=scheme.place.name.replace("*", "1")), text)


def _put(call: Call, place: Source, text: str) -> Call:
    match place.kind:
        case "header":
            return replace(call, headers={**call.headers, place.name: text})
        case "query":
            return replace(call, query={**call.query, place.name: (text,)})
        case _:
            document = json.loads(call.body)
            _put_in(document, place.name.split("."), text)
            return replace(call, body=json.dumps(document, ensure_ascii=False).encode())


def _put_in(document: Any, path: list[str], text: str) -> None:
    name, *rest = path
    if not rest:
        document[name] = text
        return
    inner = document[name.removesuffix("[]")]
    for each in inner if name.endswith("[]") else [inner]:
        _put_in(each, rest, text)


NOW = AT
"""When all of them were signed."""
