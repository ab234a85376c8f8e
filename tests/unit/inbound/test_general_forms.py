"""The forms that users have besides presets, each field of them: saved, taken, and refused once
a byte differs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from hookline.domain.inbound.message import Call, Outcome
from hookline.errors import Rejected
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import a_call
from tests.unit.inbound.senders import AT, MILLIS, SECONDS, URL, certificate

BODY = '{"id":"evt_1","at":1795348800,"text":"grüß dich"}'.encode()
KEY = bytes(range(1, 33))
SECRETS = {
    "text": "s3cret-of-theirs",
    "base64": base64.b64encode(KEY).decode(),
    "base64url": base64.urlsafe_b64encode(KEY).decode().rstrip("="),
    "hex": KEY.hex(),
    "whsec": f"whsec_{base64.b64encode(KEY).decode()}",
}
WRITE: Mapping[str, Callable[[bytes], str]] = {
    "hex": lambda digest: digest.hex(),
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "base64url": lambda digest: base64.urlsafe_b64encode(digest).decode().rstrip("="),
}


def call_with(headers: Mapping[str, str], **fields: Any) -> Call:
    given = {"content-type": "application/json", **headers}
    return a_call(**{"url": URL, "uri": "vendor", "body": BODY, "headers": given, **fields})


def verified(verify: Mapping[str, object], call: Call, after: timedelta = timedelta(0)) -> bool:
    """Whether a provider that is saved so takes the call."""
    return _outcome(_stack(verify), call, after) is Outcome.MATCHED


def _stack(verify: Mapping[str, object]) -> Stack:
    stack = Stack(now=AT)
    stack.a_function(stack.a_provider(verify=verify), uri="**")
    return stack


def _outcome(stack: Stack, call: Call, after: timedelta = timedelta(0)) -> Outcome | None:
    stack.later(after)
    return stack.received(call).outcome


def signed(content: bytes, key: bytes = b"s3cret-of-theirs", algorithm: str = "sha256") -> bytes:
    return hmac.digest(key, content, algorithm)


# -- hmac ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("algorithm", "key_encoding", "encoding"),
    list(product(("sha1", "sha256", "sha512"), SECRETS, WRITE)),
)
def test_every_digest_key_and_way_to_write_it(
    algorithm: str, key_encoding: str, encoding: str
) -> None:
    secret = SECRETS[key_encoding]
    key = secret.encode() if key_encoding == "text" else KEY
    text = WRITE[encoding](signed(BODY, key, algorithm))
    verify = {
        "type": "hmac",
        "algorithm": algorithm,
        "secret": secret,
        "key_encoding": key_encoding,
        "header": "X-Signature",
        "encoding": encoding,
    }
    call = call_with({"x-signature": text})
    assert verified(verify, call)
    assert not verified(verify, replace(call, body=BODY + b" "))
    other = "1" if text[5] != "1" else "2"
    assert not verified(verify, call_with({"x-signature": text[:5] + other + text[6:]}))
    another = {**verify, "secret": SECRETS[key_encoding][:-4] + "0000"}
    assert not verified(another, call)


HMAC = {"type": "hmac", "algorithm": "sha256", "secret": "s3cret-of-theirs", "encoding": "hex"}
GOOD, BAD = signed(BODY).hex(), "0" * 64


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"prefix": "sha256="}, f"sha256={GOOD}"),
        ({"prefix": "v1=", "delimiter": ","}, f"v1={BAD},v1={GOOD}"),
        ({"prefix": "v1,"}, f"v1,{BAD} v1,{GOOD} v2,other"),
        ({"delimiter": "|"}, f"{BAD}|{GOOD}"),
        ({"delimiter": " ; "}, f"{BAD} ; {GOOD}"),
        ({"prefix": "Signature "}, f"Signature {GOOD}"),
        ({"prefix": "h1", "layout": "pairs", "delimiter": ";"}, f"x=1;h1={BAD};h1={GOOD}"),
        ({"prefix": "sig", "layout": "pairs"}, f'alg=x, sig="{GOOD}"'),
    ],
)
def test_a_signature_stands_among_others_in_many_ways(fields: dict[str, str], text: str) -> None:
    verify = {**HMAC, **fields, "header": "X-Signature"}
    assert verified(verify, call_with({"x-signature": text}))
    assert not verified(verify, call_with({"x-signature": text.replace(GOOD, BAD)}))


def test_a_signature_stands_in_the_query_or_in_the_body() -> None:
    assert verified({**HMAC, "query": "sig"}, call_with({}, query={"sig": (GOOD,)}))
    assert not verified({**HMAC, "query": "sig"}, call_with({}, query={"sig": (BAD,)}))
    content = {"signed_content": "{field:id}", "field": "proof.sig"}
    document = {"id": "evt_1", "proof": {"sig": signed(b"evt_1").hex()}}
    assert verified({**HMAC, **content}, call_with({}, body=json.dumps(document).encode()))
    document["id"] = "evt_2"
    assert not verified({**HMAC, **content}, call_with({}, body=json.dumps(document).encode()))


def test_either_secret_will_do_while_one_is_rotated() -> None:
    several: dict[str, object] = {name: text for name, text in HMAC.items() if name != "secret"}
    several |= {"secrets": ["the one before", "s3cret-of-theirs"], "header": "X-Signature"}
    for key in (b"the one before", b"s3cret-of-theirs"):
        assert verified(several, call_with({"x-signature": signed(BODY, key).hex()}))
    assert not verified(several, call_with({"x-signature": signed(BODY, b"a third one").hex()}))


@pytest.mark.parametrize(
    ("template", "content"),
    [
        ("{body}", BODY),
        ("{method} {path}\n{body}", b"POST vendor\n" + BODY),
        ("{url}{body}", URL.encode() + BODY),
        ("{header:X-Nonce}.{query:tenant}.{body}", b"abc.acme." + BODY),
        ("{field:id}:{body_sha256}", b"evt_1:" + hashlib.sha256(BODY).hexdigest().encode()),
        ("{id}|{body}", b"abc|" + BODY),
    ],
)
def test_what_is_signed_is_put_together_of_parts_of_the_call(template: str, content: bytes) -> None:
    verify = {**HMAC, "header": "X-Signature", "signed_content": template, "id": "header:X-Nonce"}
    headers = {"x-signature": signed(content).hex(), "x-nonce": "abc"}
    call = call_with(headers, query={"tenant": ("acme",)})
    assert verified(verify, call)
    for changed in (
        {"body": BODY.replace(b"evt_1", b"evt_2")},
        {"method": "PUT"},
        {"url": f"{URL}&more"},
        {"headers": {**call.headers, "x-nonce": "abd"}},
        {"query": {"tenant": ("acne",)}},
    ):
        touches = content != b"" and _content(template, replace(call, **changed)) != content
        assert verified(verify, replace(call, **changed)) is not touches


def _content(template: str, call: Call) -> bytes:
    text = (
        template.replace("{method}", call.method)
        .replace("{path}", call.uri)
        .replace("{url}", call.url)
        .replace("{header:X-Nonce}", call.headers["x-nonce"])
        .replace("{id}", call.headers["x-nonce"])
        .replace("{query:tenant}", call.query["tenant"][0])
        .replace("{field:id}", json.loads(call.body)["id"])
        .replace("{body_sha256}", hashlib.sha256(call.body).hexdigest())
    )
    return text.replace("{body}", call.body.decode()).encode()


def test_a_forms_names_and_values_are_signed_in_their_order() -> None:
    verify = {**HMAC, "header": "X-Signature", "signed_content": "{form_sorted}"}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    headers["x-signature"] = signed(b"A1B2").hex()
    assert verified(verify, call_with(headers, body=b"B=2&A=1"))
    assert not verified(verify, call_with(headers, body=b"B=2&A=2"))


TIMES = {"s": SECONDS, "ms": MILLIS, "iso": "2026-11-22T12:00:00Z"}


@pytest.mark.parametrize("unit", TIMES)
@pytest.mark.parametrize("place", ["header:X-At", "query:at", "body:at", "signature:t"])
def test_a_signed_time_is_judged_wherever_it_stands_and_a_replay_is_refused(
    unit: str, place: str
) -> None:
    stamp = TIMES[unit]
    body = json.dumps({"at": stamp}).encode()
    text = signed(stamp.encode() + b"." + body).hex()
    verify = {
        **HMAC,
        "header": "X-Signature",
        "signed_content": "{timestamp}.{body}",
        "timestamp": {"from": place, "unit": unit},
        "tolerance_seconds": 30,
    }
    if place == "signature:t":
        verify |= {"layout": "pairs", "prefix": "v1"}
        text = f"t={stamp},v1={text}"
    call = call_with({"x-signature": text, "x-at": stamp}, query={"at": (stamp,)}, body=body)
    assert verified(verify, call, timedelta(seconds=30))
    assert not verified(verify, call, timedelta(seconds=31))
    assert not verified(verify, call, -timedelta(seconds=31))
    stack = _stack(verify)
    assert _outcome(stack, call) is Outcome.MATCHED
    assert _outcome(stack, call, timedelta(seconds=1)) is Outcome.NO_PROVIDER


# -- public keys -----------------------------------------------------------------------------------

ED, P256 = (
    ed25519.Ed25519PrivateKey.from_private_bytes(KEY),
    ec.generate_private_key(ec.SECP256R1()),
)
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
SIGN = {
    "ed25519": lambda: ED.sign(BODY),
    "ecdsa-p256-sha256": lambda: P256.sign(BODY, ec.ECDSA(hashes.SHA256())),
    "rsa-sha256": lambda: RSA.sign(BODY, padding.PKCS1v15(), hashes.SHA256()),
    "rsa-sha1": lambda: RSA.sign(BODY, padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303 - senders sign so
}
PRIVATE = {"ed25519": ED, "ecdsa-p256-sha256": P256, "rsa-sha256": RSA, "rsa-sha1": RSA}


def _forms(private: Any) -> list[str]:
    key = private.public_key()
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    forms = [
        key.public_bytes(serialization.Encoding.PEM, info).decode(),
        base64.b64encode(key.public_bytes(serialization.Encoding.DER, info)).decode(),
    ]
    if private is ED:
        forms.append(key.public_bytes_raw().hex())
    if private is RSA:
        forms.append(certificate(RSA))
    return forms


@pytest.mark.parametrize("algorithm", SIGN)
def test_every_kind_of_key_in_every_form_that_it_comes_in(algorithm: str) -> None:
    text = base64.b64encode(SIGN[algorithm]()).decode()
    call = call_with({"x-signature": text})
    for key in _forms(PRIVATE[algorithm]):
        verify = {
            "type": "public_key",
            "algorithm": algorithm,
            "key": key,
            "header": "X-Signature",
            "encoding": "base64",
        }
        assert verified(verify, call)
        assert not verified(verify, replace(call, body=BODY + b" "))
        assert not verified(verify, call_with({"x-signature": text[:-8] + "AAAAAAA="}))


@pytest.mark.parametrize("algorithm", SIGN)
def test_a_key_of_another_kind_is_refused_when_it_is_saved(algorithm: str) -> None:
    for other, private in PRIVATE.items():
        if private is PRIVATE[algorithm]:
            continue
        verify = {"type": "public_key", "algorithm": algorithm, "header": "X", "encoding": "hex"}
        with pytest.raises(Rejected) as refused:
            Stack().a_provider(verify={**verify, "key": _forms(private)[0]})
        assert [each.field for each in refused.value.errors] == ["verify.key"], other
