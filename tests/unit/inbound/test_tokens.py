"""Tokens of issuers: whose they take, and what an issuer or a forger may try."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hookline.domain.inbound.signatures import Arrival, NotVerified, Verdict, Verified
from hookline.domain.inbound.verify import Verify
from hookline.errors import Rejected, Unavailable
from hookline.services.inbound.receive import Accepted, Done, Refused
from tests.builders import NOW
from tests.engine.inbound_stack import Stack
from tests.engine.issuer import AUDIENCE, ISSUER, ec_key, jwk, rsa_key
from tests.inbound_builders import a_call

DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEYS = "https://keys.example.com/jwks"
VERIFY = {"type": "jwt", "issuer": ISSUER, "audience": AUDIENCE}
OF_THE_ISSUER = jwk(rsa_key("issuer"), kid="rsa", use="sig", alg="RS256")


class Published:
    """An issuer's documents as they are kept: another one only for who asks anew."""

    def __init__(self, *keys: Mapping[str, object], **discovery: object) -> None:
        self.now: dict[str, object] = {
            DISCOVERY: {"issuer": ISSUER, "jwks_uri": KEYS, **discovery},
            KEYS: {"keys": list(keys or [OF_THE_ISSUER])},
        }
        self.kept: dict[str, object] = {}
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
        assert hosts == ()
        self.asked.append((url, anew))
        if anew or url not in self.kept:
            if url not in self.now:
                raise Unavailable(url)
            self.kept[url] = self.now[url]
        document = self.kept[url]
        return document if isinstance(document, bytes) else json.dumps(document).encode()


def claims(**overrides: Any) -> dict[str, Any]:
    now = int(NOW.timestamp())
    standard = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300}
    return {name: value for name, value in {**standard, **overrides}.items() if value is not None}


def token(key: Any = None, algorithm: str = "RS256", **header: object) -> str:
    key = rsa_key("issuer") if key is None else key
    return jwt.encode(claims(), key, algorithm=algorithm, headers={"kid": "rsa", **header})


def judged(text: str | None, published: Published | None = None) -> Verdict:
    headers = {} if text is None else {"authorization": f"Bearer {text}"}
    arrival = Arrival(a_call(headers=headers), NOW, published or Published())
    return Verify(VERIFY).judge((), arrival)


def reason(verdict: Verdict) -> str:
    assert isinstance(verdict, NotVerified), verdict
    return verdict.reason


ED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNERS: list[tuple[str, Any, dict[str, Any]]] = [
    ("RS256", rsa_key("issuer"), OF_THE_ISSUER),
    ("RS512", rsa_key("issuer"), jwk(rsa_key("issuer"), kid="rsa")),
    ("PS256", rsa_key("issuer"), jwk(rsa_key("issuer"), kid="rsa", alg="PS256")),
    ("ES256", ec_key("issuer"), jwk(ec_key("issuer"), kid="rsa")),
    (
        "EdDSA",
        ED,
        {**jwt.algorithms.OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True), "kid": "rsa"},
    ),
]


@pytest.mark.parametrize(("algorithm", "key", "public"), SIGNERS, ids=[s[0] for s in SIGNERS])
def test_what_the_issuer_signed_for_us_is_taken(
    algorithm: str, key: Any, public: dict[str, Any]
) -> None:
    published = Published(public)
    assert judged(token(key, algorithm), published) == Verified()
    assert published.asked == [(DISCOVERY, False), (KEYS, False)]


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://login.example.com.evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"exp": None},
        {"exp": int((NOW - timedelta(seconds=61)).timestamp())},
        {"exp": "tomorrow"},
        {"nbf": int((NOW + timedelta(seconds=62)).timestamp())},
        {"nbf": "now"},
    ],
)
def test_a_token_of_another_or_for_another_or_out_of_date_is_refused(
    changed: dict[str, Any],
) -> None:
    text = jwt.encode(claims(**changed), rsa_key("issuer"), "RS256", headers={"kid": "rsa"})
    assert isinstance(judged(text), NotVerified)


@pytest.mark.parametrize("at", range(3))
def test_any_part_of_a_token_that_differs_is_refused(at: int) -> None:
    parts = token().split(".")
    middle = len(parts[at]) // 2
    other = "A" if parts[at][middle] != "A" else "B"
    parts[at] = parts[at][:middle] + other + parts[at][middle + 1 :]
    assert isinstance(judged(".".join(parts)), NotVerified)


@pytest.mark.parametrize("text", [None, "", "x", "a.b.c", "....", "\x00", "e30.e30.", "é.é.é"])
def test_what_is_no_token_is_refused_and_nothing_is_fetched(text: str | None) -> None:
    published = Published()
    assert isinstance(judged(text, published), NotVerified)
    assert published.asked == []


def test_a_token_that_nobody_signed_is_refused() -> None:
    text = jwt.encode(claims(), "", algorithm="none", headers={"kid": "rsa"})
    assert reason(judged(text)) == "the token's algorithm is not one we take"


def test_what_is_signed_with_the_public_key_as_a_shared_secret_is_refused() -> None:
    pem = (
        rsa_key("issuer")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    signer = jwt.PyJWS()
    signer.unregister_algorithm("HS256")
    signer.register_algorithm("HS256", _Careless("HS256"))
    text = signer.encode(json.dumps(claims()).encode(), pem, "HS256", headers={"kid": "rsa"})
    assert reason(judged(text)) == "the token's algorithm is not one we take"
    renamed = _with_header(text, alg="RS256", kid="rsa")
    assert reason(judged(renamed)) == "the token does not verify"


class _Careless(jwt.algorithms.HMACAlgorithm):
    """Signs with a public key, as forgers do and PyJWT does not."""

    def __init__(self, _name: str) -> None:
        super().__init__(jwt.algorithms.HMACAlgorithm.SHA256)

    def prepare_key(self, key: str | bytes) -> bytes:
        return key.encode() if isinstance(key, str) else key


def _with_header(text: str, **header: object) -> str:
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return ".".join([first, *text.split(".")[1:]])


@pytest.mark.parametrize("name", ["jku", "jwk", "x5u", "x5c", "crit"])
def test_a_token_that_brings_its_own_key_is_refused_and_nothing_is_fetched(name: str) -> None:
    published = Published()
    header = {"kid": "rsa", name: ["https://forger.example/keys"]}
    text = jwt.encode(claims(), rsa_key("forger"), "RS256", headers=header)
    assert isinstance(judged(text, published), NotVerified)
    assert published.asked == []


@pytest.mark.parametrize(
    "keys",
    [
        [jwk(rsa_key("issuer"), kid="another")],
        [jwk(rsa_key("issuer"))],
        [jwk(rsa_key("issuer"), kid="rsa", use="enc")],
        [jwk(rsa_key("issuer"), kid="rsa", alg="RS512")],
        [jwk(ec_key("issuer"), kid="rsa")],
        [{"kty": "oct", "kid": "rsa", "k": "c2VjcmV0"}],
        [{"kty": "RSA", "kid": "rsa", "n": "", "e": "AQAB"}],
        [{"kty": "RSA", "kid": "rsa", "n": 7}],
        [{"kid": "rsa"}],
        ["rsa", None, 1],
        {"rsa": OF_THE_ISSUER},
        None,
    ],
)
def test_without_a_fitting_key_of_the_issuers_a_token_is_refused(keys: object) -> None:
    published = Published()
    published.now[KEYS] = {"keys": keys}
    assert reason(judged(token(), published)) == (
        "the issuer has no key of the token's name and algorithm"
    )


def test_a_broken_key_of_the_same_name_spoils_no_other() -> None:
    broken = {"kty": "RSA", "kid": "rsa", "n": "!", "e": "AQAB"}
    published = Published(broken, jwk(ec_key("issuer"), kid="rsa"), OF_THE_ISSUER)
    assert judged(token(), published) == Verified()


def test_a_key_too_long_to_check_is_not_used() -> None:
    number = base64.urlsafe_b64encode(b"\xff" * 1_100).rstrip(b"=").decode()
    published = Published({"kty": "RSA", "kid": "rsa", "n": number, "e": "AQAB"})
    assert "no key" in reason(judged(token(), published))


@pytest.mark.parametrize(
    "document",
    [b"", b"not json", b"[]", b"null", b"[" * 100_000, b'{"keys":[],"keys":[]}', b"\xff\xfe"],
)
@pytest.mark.parametrize("address", [DISCOVERY, KEYS])
def test_an_issuer_that_answers_nonsense_has_no_key(address: str, document: bytes) -> None:
    published = Published()
    published.now[address] = document
    assert isinstance(judged(token(), published), NotVerified)


def test_an_issuer_that_calls_itself_by_another_name_is_not_believed() -> None:
    published = Published(issuer="https://login.example.com.evil.example")
    assert reason(judged(token(), published)) == "the issuer calls itself by another name"


def test_a_new_key_of_the_issuers_is_found_by_asking_anew() -> None:
    published = Published()
    assert judged(token(), published) == Verified()
    published.now[KEYS] = {"keys": [OF_THE_ISSUER, jwk(rsa_key("next"), kid="next")]}
    assert judged(token(rsa_key("next"), kid="next"), published) == Verified()
    assert judged(token(rsa_key("forger"), kid="next"), published) == NotVerified(
        "the token does not verify"
    )


def test_keys_that_stand_elsewhere_than_discovery_says_are_taken_from_there() -> None:
    published = Published()
    del published.now[DISCOVERY]
    headers = {"authorization": f"Bearer {token()}"}
    arrival = Arrival(a_call(headers=headers), NOW, published)
    assert Verify({**VERIFY, "jwks_url": KEYS}).judge((), arrival) == Verified()
    assert published.asked == [(KEYS, False)]


def test_an_issuer_out_of_reach_decides_nothing() -> None:
    published = Published()
    del published.now[KEYS]
    with pytest.raises(Unavailable):
        judged(token(), published)


# -- through the services --------------------------------------------------------------------------


def _documents() -> dict[str, bytes]:
    return {url: json.dumps(each).encode() for url, each in Published().now.items()}


def _stack(**provider: object) -> tuple[Stack, Callable[[str], dict[str, str]]]:
    stack = Stack(published=_documents())
    stack.a_function(stack.a_provider(verify=VERIFY, **provider))
    return stack, lambda text: {"authorization": f"Bearer {text}"}


def test_a_message_waits_for_an_issuer_out_of_reach_and_is_run_once_it_is_back() -> None:
    stack, bearer = _stack()
    stack.published = {}
    kept = stack.kept(a_call(headers=bearer(token())))
    stack.work(kept.message_id)
    assert stack.events.accepted == {}
    stack.published = _documents()
    stack.later(timedelta(seconds=10))
    stack.work(kept.message_id)
    assert len(stack.events.accepted) == 1
    assert token() not in str(stack.message(kept.message_id))


@pytest.mark.parametrize(
    "provider", [{"mode": "sync"}, {"verify": {**VERIFY, "on_mismatch": "401"}}]
)
def test_who_waits_or_is_to_be_told_hears_that_a_token_does_not_verify(
    provider: dict[str, object],
) -> None:
    stack = Stack(published=_documents())
    stack.a_function(stack.a_provider(**{"verify": VERIFY, **provider}))
    forged = stack.receive(a_call(headers={"authorization": f"Bearer {token(rsa_key('forger'))}"}))
    assert isinstance(forged, Refused)
    right = stack.receive(a_call(headers={"authorization": f"Bearer {token()}"}))
    assert isinstance(right, Done | Accepted)


def test_others_are_answered_before_anything_is_fetched() -> None:
    stack, bearer = _stack()
    stack.receive(a_call(headers=bearer(token())))
    assert stack.fetched == []


@pytest.mark.parametrize("field", ["issuer", "jwks_url"])
@pytest.mark.parametrize(
    "address",
    ["http://login.example.com", "https://127.0.0.1", "https://169.254.169.254/x", "ftp://a.b/c/d"],
)
def test_an_address_that_may_not_be_called_is_refused_when_it_is_saved(
    field: str, address: str
) -> None:
    with pytest.raises(Rejected) as refused:
        Stack().a_provider(verify={**VERIFY, field: address})
    assert [each.field for each in refused.value.errors] == [f"verify.{field}"]
