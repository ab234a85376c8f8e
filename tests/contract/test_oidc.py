"""Fetching the issuer's keys, over TLS on loopback."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from hookline.adapters.http.oidc import OidcKeySet
from hookline.errors import Unavailable
from tests.contract.http.endpoints import Endpoint, Peer

CA = trustme.CA()
KEYS = [{"kty": "RSA", "kid": "one"}, {"kty": "EC", "kid": "two"}]

Answers = Mapping[str, bytes]


def ok(document: object) -> bytes:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    path = tmp_path / "roots.pem"
    CA.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def serve(bundle: str) -> Iterator[Callable[[Callable[[str], Answers]], OidcKeySet]]:
    """Makes an issuer that answers as told, by path; what to answer may name the issuer itself."""
    running = ExitStack()

    def start(answers_of: Callable[[str], Answers]) -> OidcKeySet:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CA.issue_cert("127.0.0.1").configure_cert(context)

        def behave(peer: Peer) -> None:
            while (request := peer.request()) is not None:
                path = request.line.split()[1]
                peer.send(answers_of(issuer)[path])

        endpoint = running.enter_context(Endpoint(behave, context))
        issuer = f"https://127.0.0.1:{endpoint.port}"
        return OidcKeySet(issuer, ca_bundle=bundle)

    with running:
        yield start


def an_issuer(**discovery: object) -> Callable[[str], Answers]:
    def answers(issuer: str) -> Answers:
        document = {"issuer": issuer, "jwks_uri": f"{issuer}/keys"} | discovery
        return {
            "/.well-known/openid-configuration": ok(document),
            "/keys": ok({"keys": [*KEYS, "nonsense"]}),
        }

    return answers


Serve = Callable[[Callable[[str], Answers]], OidcKeySet]


def test_the_keys_are_found_where_the_issuer_says(serve: Serve) -> None:
    assert serve(an_issuer())() == KEYS


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://attacker.example"},
        {"jwks_uri": "http://127.0.0.1/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
    ],
)
def test_an_issuer_that_points_elsewhere_gives_no_keys(
    serve: Serve, discovery: dict[str, object]
) -> None:
    with pytest.raises(Unavailable):
        serve(an_issuer(**discovery))()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: https://attacker.example/\r\nContent-Length: 0\r\n\r\n",
        ok(b"not json"),
        ok(["a list"]),
        ok({"keys": "none"}),
        ok(b" " * (512 * 1024 + 1)),
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n{}\r\n0\r\n\r\n",
        ok(b"[" * 100_000),
    ],
    ids=[
        *("500", "redirect", "not_json", "a_list", "no_keys", "too_large", "no_http"),
        *("bad_gzip", "bad_chunk", "too_deep"),
    ],
)
def test_what_is_no_key_set_gives_no_keys(serve: Serve, answer: bytes) -> None:
    def answers(issuer: str) -> Answers:
        return {**an_issuer()(issuer), "/keys": answer}

    with pytest.raises(Unavailable):
        serve(answers)()


def test_an_issuer_with_a_strangers_certificate_is_not_asked(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "others.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    asked = serve(an_issuer())
    with pytest.raises(Unavailable):
        OidcKeySet(asked.issuer, ca_bundle=str(path))()


def test_plain_http_is_not_asked() -> None:
    with pytest.raises(Unavailable, match="over https"):
        OidcKeySet("http://127.0.0.1:1")()
