"""Calls over TLS: names, trust, private authorities, and endpoints that misbehave in TLS."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hookline.adapters.http import tls
from hookline.adapters.http.caller import GuardedCaller, Transports
from hookline.domain.delivery.call import Answered, Unanswered
from tests.contract.http.calls import IMPATIENT, a_call
from tests.contract.http.conftest import MakeCaller
from tests.contract.http.endpoints import OK, Endpoint, Peer, Time, answering

CA = trustme.CA()
PRIVATE_CA = trustme.CA()
PRIVATE_PEM = PRIVATE_CA.cert_pem.bytes().decode()


def serving(*names: str, ca: trustme.CA = CA, **options: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names, **options).configure_cert(context)
    return context


def the_tests_authority() -> ssl.SSLContext:
    context = ssl.create_default_context()
    CA.configure_trust(context)
    return context


@pytest.fixture
def caller(make_caller: MakeCaller) -> GuardedCaller:
    """Trusts the test's authority as if it were a public root; every name is on loopback."""
    return make_caller(public_roots=the_tests_authority, resolve=lambda host, port: ["127.0.0.1"])


def test_the_certificate_and_sni_are_those_of_the_urls_host(caller: GuardedCaller) -> None:
    with answering(OK, tls=serving("hooks.example.com")) as endpoint:
        answered = caller(a_call(f"https://hooks.example.com:{endpoint.port}/"))
    assert isinstance(answered, Answered)
    assert answered.address == "127.0.0.1"
    assert endpoint.server_names == ["hooks.example.com"]
    assert endpoint.requests[0].headers["Host"] == f"hooks.example.com:{endpoint.port}"


def test_an_address_has_no_sni_and_its_own_certificate(caller: GuardedCaller) -> None:
    with answering(OK, tls=serving("127.0.0.1")) as endpoint:
        answered = caller(a_call(f"https://127.0.0.1:{endpoint.port}/"))
    assert isinstance(answered, Answered)
    assert endpoint.server_names == [None]


def test_an_international_name_goes_out_in_ascii(caller: GuardedCaller) -> None:
    with answering(OK, tls=serving("xn--mnchen-3ya.de")) as endpoint:
        answered = caller(a_call(f"https://münchen.de:{endpoint.port}/"))
    assert isinstance(answered, Answered)
    assert endpoint.server_names == ["xn--mnchen-3ya.de"]


def test_a_tls_connection_is_used_again(caller: GuardedCaller) -> None:
    with answering(OK, tls=serving("hooks.example.com")) as endpoint:
        for _ in range(3):
            answered = caller(a_call(f"https://hooks.example.com:{endpoint.port}/"))
            assert isinstance(answered, Answered)
    assert endpoint.connections == 1


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("context", "says"),
    [
        (serving("other.example.com"), "Hostname mismatch"),
        (serving("8.8.8.8"), "Hostname mismatch"),
        (serving("hooks.example.com", ca=PRIVATE_CA), "unable to get local issuer"),
        (serving("hooks.example.com", not_after=LONG_AGO), "expired"),
    ],
    ids=["another name", "an address", "an unknown authority", "expired"],
)
def test_a_certificate_that_proves_nothing_is_a_tls_error(
    caller: GuardedCaller, context: ssl.SSLContext, says: str
) -> None:
    with answering(OK, tls=context) as endpoint:
        ended = caller(a_call(f"https://hooks.example.com:{endpoint.port}/"))
    assert isinstance(ended, Unanswered)
    assert ended.kind == "tls"
    assert says in ended.message
    assert endpoint.requests == []


def test_a_private_authority_is_trusted_for_the_webhook_that_names_it(
    caller: GuardedCaller,
) -> None:
    with answering(OK, tls=serving("hooks.example.com", ca=PRIVATE_CA)) as endpoint:
        url = f"https://hooks.example.com:{endpoint.port}/"
        trusted = caller(a_call(url, ca_certificate=PRIVATE_PEM))
        untrusted = caller(a_call(url))
        again = caller(a_call(url, ca_certificate=PRIVATE_PEM))
    assert isinstance(trusted, Answered)
    assert isinstance(untrusted, Unanswered), "it rode on the other webhook's connection"
    assert untrusted.kind == "tls"
    assert isinstance(again, Answered)
    assert endpoint.connections == 2


def test_the_public_roots_stay_trusted_beside_a_private_authority() -> None:
    with_private = tls.with_private_ca(PRIVATE_PEM).cert_store_stats()["x509_ca"]
    assert with_private == tls.public_roots().cert_store_stats()["x509_ca"] + 1
    assert with_private > 50


def test_an_authority_made_by_hand_is_trusted_too(caller: GuardedCaller) -> None:
    pem, context = a_certificate_without_key_identifiers()
    with answering(OK, tls=context) as endpoint:
        url = f"https://127.0.0.1:{endpoint.port}/"
        answered = caller(a_call(url, ca_certificate=pem))
    assert isinstance(answered, Answered)


def a_certificate_without_key_identifiers() -> tuple[str, ssl.SSLContext]:
    """Self-signed and short of what RFC 5280 asks of an authority, as found in companies."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "by hand")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(private + pem).tempfile() as path:
        context.load_cert_chain(path)
    return pem.decode(), context


def test_a_private_authority_that_cannot_be_read_is_a_tls_error(caller: GuardedCaller) -> None:
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    ended = caller(a_call("https://hooks.example.com/", ca_certificate=broken))
    assert isinstance(ended, Unanswered)
    assert ended.kind == "tls"


def test_the_contexts_of_private_authorities_are_kept_but_not_for_ever() -> None:
    made: list[str] = []

    def make(pem: str) -> ssl.SSLContext:
        made.append(pem)
        return ssl.create_default_context()

    transports = Transports(ssl.create_default_context(), make, kept=2)
    for pem in ("a", "b", "a", "c", "a", "b"):
        assert transports.trusting(pem) is transports.trusting(pem)
    assert made == ["a", "b", "c", "b"]


def drip_a_handshake(peer: Peer) -> None:
    peer.sock.recv(65_536)
    peer.send(b"\x16\x03\x03\x3f\xff\x02")
    peer.trickle(b"\x00" * 999)


def reset_the_handshake(peer: Peer) -> None:
    peer.sock.recv(65_536)
    peer.reset()


@pytest.mark.parametrize("behave", [Peer.stall, drip_a_handshake], ids=["stalls", "drips"])
def test_an_endpoint_that_hangs_in_the_handshake_runs_out_of_time(
    make_caller: MakeCaller, behave: Any
) -> None:
    # By its clock no time passes: all of it is left for the handshake.
    caller = make_caller(public_roots=the_tests_authority, clock=Time())
    with Endpoint(behave) as endpoint:
        ended = caller(a_call(f"https://127.0.0.1:{endpoint.port}/", timeout=IMPATIENT))
    assert isinstance(ended, Unanswered)
    assert (ended.kind, "handshake" in ended.message) == ("timeout", True)


@pytest.mark.parametrize(
    "behave",
    [reset_the_handshake, lambda peer: None, lambda peer: peer.send(OK)],
    ids=["resets", "closes", "speaks no TLS"],
)
def test_an_endpoint_that_breaks_the_handshake_is_a_tls_error(
    caller: GuardedCaller, behave: Any
) -> None:
    with Endpoint(behave) as endpoint:
        ended = caller(a_call(f"https://127.0.0.1:{endpoint.port}/"))
    assert isinstance(ended, Unanswered)
    assert ended.kind == "tls"
    assert "handshake" in ended.message


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "body"])
def test_an_endpoint_that_drips_within_tls_runs_out_of_time(
    make_caller: MakeCaller, beginning: bytes
) -> None:
    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(beginning)
        peer.drip(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n")

    time = Time()
    caller = make_caller(public_roots=the_tests_authority, clock=time)
    with Endpoint(behave, serving("127.0.0.1"), time) as endpoint:
        ended = caller(a_call(f"https://127.0.0.1:{endpoint.port}/"))
    assert isinstance(ended, Unanswered)
    assert ended.kind == "timeout"
