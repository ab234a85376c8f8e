"""Senders' keys and certificates, fetched over TLS from loopback: guarded, bounded and kept."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import trustme

from hookline.adapters.fetched_documents import FetchedDocuments
from hookline.adapters.http import GuardedCaller
from hookline.adapters.http.sockets import Limits
from hookline.errors import Refused, Unavailable
from tests.contract.http.endpoints import Endpoint, Peer, Time
from tests.contract.http.test_where_calls_go import Names, Wires
from tests.engine.clock import FakeClock

CA = trustme.CA()
HOST = "sns.eu-west-1.amazonaws.com"
HOSTS = ("sns.*.amazonaws.com",)
URL = f"https://{HOST}/SimpleNotificationService-0.pem"
FRESH, SOON = timedelta(hours=1), timedelta(seconds=60)


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class World:
    """A sender's host on loopback, under its own name and port; ``answer`` is what it says."""

    def __init__(self, running: ExitStack) -> None:
        self.answer: bytes | Callable[[Peer], None] = ok(b"a certificate")
        self.clock, self.time = FakeClock(), Time()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CA.issue_cert(HOST).configure_cert(context)
        self.endpoint = running.enter_context(Endpoint(self._behave, context, self.time))
        self.names: dict[str, Any] = {HOST: ["127.0.0.1"], "rebound.example.com": ["10.0.0.1"]}

    def fetch(self, **options: Any) -> FetchedDocuments:
        """As in production, but for where names lead to and whose certificates are trusted."""

        def roots() -> ssl.SSLContext:
            context = ssl.create_default_context()
            CA.configure_trust(context)
            return context

        caller = GuardedCaller(
            **{
                "allowed_networks": (ip_network("127.0.0.0/8"),),
                "resolve": Names(self.names),
                "connect": Wires(self.endpoint.port),
                "public_roots": roots,
                "limits": Limits(kept_body_bytes=256 * 1024),
                "clock": self.time,
                **options,
            }
        )
        return FetchedDocuments(self.clock, caller)

    @property
    def asked(self) -> list[str]:
        return [request.line for request in self.endpoint.requests]

    def _behave(self, peer: Peer) -> None:
        while (request := peer.request()) is not None:
            self.endpoint.requests.append(request)
            if isinstance(self.answer, bytes):
                peer.send(self.answer)
            else:
                self.answer(peer)


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as running:
        yield World(running)


def test_a_document_is_fetched_once_an_hour_from_its_host_by_its_name(world: World) -> None:
    fetch = world.fetch()
    for _ in range(3):
        assert fetch(URL, HOSTS) == b"a certificate"
    assert world.asked == ["GET /SimpleNotificationService-0.pem HTTP/1.1"]
    assert world.endpoint.requests[0].headers["Host"] == HOST
    assert world.endpoint.server_names == [HOST]
    world.answer = ok(b"another")
    world.clock.now += FRESH - timedelta(seconds=1)
    assert fetch(URL, HOSTS) == b"a certificate"
    world.clock.now += timedelta(seconds=1)
    assert fetch(URL, HOSTS) == b"another"
    assert len(world.asked) == 2


def test_an_empty_document_is_kept_as_well(world: World) -> None:
    fetch = world.fetch()
    world.answer = ok(b"")
    assert [fetch(URL, HOSTS), fetch(URL, HOSTS)] == [b"", b""]
    assert len(world.asked) == 1


def test_anew_is_once_a_minute_whoever_asks(world: World) -> None:
    fetch = world.fetch()
    assert fetch(URL, HOSTS) == b"a certificate"
    world.answer = ok(b"rotated")
    assert fetch(URL, HOSTS, anew=True) == b"a certificate"
    world.clock.now += SOON
    assert fetch(URL, HOSTS) == b"a certificate"
    assert [fetch(URL, HOSTS, anew=True) for _ in range(5)] == [b"rotated"] * 5
    assert fetch(URL, HOSTS) == b"rotated"
    assert len(world.asked) == 2


def test_what_is_kept_stays_good_while_its_host_is_out_of_reach(world: World) -> None:
    fetch = world.fetch()
    fetch(URL, HOSTS)
    world.clock.now += SOON
    world.answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(Unavailable):
        fetch(URL, HOSTS, anew=True)
    assert fetch(URL, HOSTS) == b"a certificate"
    world.clock.now += FRESH
    with pytest.raises(Unavailable):
        fetch(URL, HOSTS)


def late(peer: Peer) -> None:
    """Its first byte comes when five seconds have gone by."""
    peer.drip(b"H")


HOSTILE: dict[str, tuple[bytes | Callable[[Peer], None], type[Exception]]] = {
    "500": (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", Unavailable),
    "429": (b"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n", Unavailable),
    "404": (b"HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n", Refused),
    "redirect": (
        b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
        Refused,
    ),
    "huge": (ok(b"x" * (256 * 1024 + 1)), Refused),
    "bomb": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40001\r\n%s\r\n0\r\n\r\n"
        % (b"x" * 0x40001),
        Refused,
    ),
    "endless headers": (lambda peer: peer.flood(b"X-More: and more\r\n"), Unavailable),
    "slow": (late, Unavailable),
    "reset": (Peer.reset, Unavailable),
    "no HTTP": (b"nonsense\r\n\r\n", Unavailable),
    "too short": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\nx",
        Unavailable,
    ),
}


@pytest.mark.parametrize(("answer", "error"), HOSTILE.values(), ids=HOSTILE)
def test_a_host_that_gives_no_document_is_asked_once_a_minute(
    world: World, answer: bytes | Callable[[Peer], None], error: type[Exception]
) -> None:
    fetch = world.fetch()

    def then_closes(peer: Peer) -> None:
        peer.send(answer) if isinstance(answer, bytes) else answer(peer)
        peer.sock.shutdown(2)

    world.answer = then_closes
    for _ in range(3):
        with pytest.raises(error) as raised:
            fetch(URL, HOSTS)
        assert type(raised.value) is error
    assert len(world.asked) == 1
    world.answer = ok(b"a certificate")
    world.clock.now += SOON
    assert fetch(URL, HOSTS) == b"a certificate"


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://sns.a.b.amazonaws.com/x.pem",
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "https://user@sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://evil.example\\@sns.eu-west-1.amazonaws.com/x.pem",
        "//sns.eu-west-1.amazonaws.com/x.pem",
        "https://[::1",
        "",
    ],
)
def test_any_other_host_is_not_asked(world: World, url: str) -> None:
    with pytest.raises(Refused):
        world.fetch()(url, HOSTS)
    assert world.endpoint.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://rebound.example.com/keys",
        "https://10.1.2.3/keys",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/keys",
        "https://2130706433/keys",
        "file:///etc/passwd",
        "None",
    ],
)
def test_an_address_that_may_not_be_called_is_refused_for_good(world: World, url: str) -> None:
    with pytest.raises(Refused):
        world.fetch(allowed_networks=())(url, ())
    assert world.endpoint.connections == 0


def test_loopback_itself_is_refused_where_nobody_opened_it(world: World) -> None:
    with pytest.raises(Refused, match="may not be called"):
        world.fetch(allowed_networks=())(URL, HOSTS)
    assert world.endpoint.connections == 0


def test_a_host_with_a_strangers_certificate_is_not_believed(world: World) -> None:
    fetch = world.fetch(public_roots=ssl.create_default_context)
    with pytest.raises(Unavailable):
        fetch(URL, HOSTS)
    assert world.asked == []


def test_what_is_kept_is_bounded(world: World) -> None:
    fetch = world.fetch()
    for number in range(150):
        fetch(f"https://{HOST}/{number}", HOSTS)
    fetch(f"https://{HOST}/149", HOSTS)
    assert len(world.asked) == 150
    fetch(f"https://{HOST}/0", HOSTS)
    assert len(world.asked) == 151, "the oldest made room"
