"""Endpoints whose answers are broken or without end: each is told apart, and none does harm."""

from __future__ import annotations

import gzip
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline.adapters.http import GuardedCaller
from hookline.domain.delivery.call import Answered, Unanswered
from hookline.domain.delivery.delivery import ErrorKind
from tests.contract.http.calls import a_call
from tests.contract.http.endpoints import OK, Behaviour, Endpoint, Peer, answering_once
from tests.contract.http.hostile import HEAD, after_request, outcome, saying


def closing(_: Peer) -> None:
    """Return, which closes the connection."""


BROKEN: dict[str, tuple[ErrorKind, Behaviour]] = {
    "resets at once": ("reset", Peer.reset),
    "resets instead of answering": ("reset", after_request(Peer.reset)),
    "resets in its headers": ("reset", saying(HEAD + b"X-A", Peer.reset)),
    "resets in its body": ("reset", saying(HEAD + b"Content-Length: 9\r\n\r\nx", Peer.reset)),
    "closes without an answer": ("reset", after_request(closing)),
    "closes in its status line": ("protocol", saying(b"HTTP/1.1 2", closing)),
    "closes in its headers": ("protocol", saying(HEAD + b"X-A: 1\r\nX-", closing)),
    "closes before its headers end": ("protocol", saying(HEAD + b"X-A: 1\r\n", closing)),
    "closes before its length": (
        "protocol",
        saying(HEAD + b"Content-Length: 9\r\n\r\nabc", closing),
    ),
    "closes in its chunks": (
        "protocol",
        saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc", closing),
    ),
    "sends garbage for chunks": (
        "protocol",
        saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"),
    ),
    "sends a chunk of negative length": (
        "protocol",
        saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-9\r\nabc\r\n", closing),
    ),
    "sends a chunk of length -1": (
        "protocol",
        saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n", closing),
    ),
    "sends two lengths": (
        "protocol",
        saying(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"),
    ),
    "sends a length that is no number": (
        "protocol",
        saying(HEAD + b"Content-Length: three\r\n\r\nabc", closing),
    ),
    "sends a length below nought": (
        "protocol",
        saying(HEAD + b"Content-Length: -3\r\n\r\nabc", closing),
    ),
    "sends a line that is no header": ("protocol", saying(HEAD + b"no header\r\nX-A: 1\r\n\r\n")),
    "speaks another protocol": ("protocol", saying(b"SSH-2.0-OpenSSH_9.9\r\n")),
    "speaks HTTP/0.9": ("protocol", saying(b"hello\r\n")),
    "has an impossible status": ("protocol", saying(b"HTTP/1.1 1000 What\r\n\r\n")),
    "floods headers": ("too_large", saying(HEAD, lambda peer: peer.flood(b"X-A: 1\r\n" * 999))),
    "sends one endless header": ("too_large", saying(HEAD, lambda peer: peer.flood(b"X" * 9999))),
    "sends an endless status line": (
        "too_large",
        after_request(lambda p: p.flood(b"HTTP/1.1 " * 99)),
    ),
    "sends more than 100 headers": ("too_large", saying(HEAD + b"X: 1\r\n" * 101 + b"\r\n")),
    "floods interim answers": (
        "too_large",
        after_request(lambda peer: peer.flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 99)),
    ),
    "floods interim hints": (
        "too_large",
        after_request(lambda peer: peer.flood(b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" * 99)),
    ),
}


@pytest.mark.parametrize(("kind", "behave"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_told_apart_by_its_kind(
    caller: GuardedCaller, kind: ErrorKind, behave: Behaviour
) -> None:
    ended = outcome(caller, behave)
    assert isinstance(ended, Unanswered)
    assert ended.kind == kind
    assert ended.message.isprintable()


def test_a_closed_port_is_a_failure_to_connect(caller: GuardedCaller) -> None:
    with socket.socket() as held:  # bound, so that nobody else listens there
        held.bind(("127.0.0.1", 0))
        ended = caller(a_call(f"http://127.0.0.1:{held.getsockname()[1]}/"))
    assert isinstance(ended, Unanswered)
    assert ended.kind == "connect"
    assert "refused" in ended.message


BOMBS: dict[str, Behaviour] = {
    "an endless body": saying(HEAD + b"\r\n", lambda peer: peer.flood(b"x" * 65_536)),
    "an endless body with a length": saying(
        HEAD + b"Content-Length: 99999999999\r\n\r\n", lambda peer: peer.flood(b"x" * 65_536)
    ),
    "an endless chunk": saying(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n",
        lambda peer: peer.flood(b"x" * 65_536),
    ),
    "endless chunks": saying(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        lambda peer: peer.flood((b"400\r\n" + b"x" * 1024 + b"\r\n") * 9),
    ),
}


@pytest.mark.parametrize("behave", BOMBS.values(), ids=BOMBS.keys())
def test_a_body_without_end_is_an_answer_that_was_cut(
    caller: GuardedCaller, behave: Behaviour
) -> None:
    ended = outcome(caller, behave)
    assert isinstance(ended, Answered)
    assert ended.body == b"x" * 16 * 1024
    assert ended.body_truncated


def test_a_gzip_bomb_is_not_inflated(caller: GuardedCaller) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    ended = outcome(caller, saying(HEAD + head + bomb))
    assert isinstance(ended, Answered)
    assert ended.body == bomb[: 16 * 1024]


def test_an_answer_longer_than_announced_is_taken_as_announced(caller: GuardedCaller) -> None:
    ended = outcome(caller, saying(HEAD + b"Content-Length: 2\r\n\r\nok and more"))
    assert isinstance(ended, Answered)
    assert (ended.body, ended.body_truncated) == (b"ok", False)


def test_folded_and_nul_bearing_headers_come_back_as_plain_text(caller: GuardedCaller) -> None:
    odd = b"X-Folded: one\r\n two\r\nX-Nul: a\x00b\r\nX-Ansi: \x1b[31m\x9b\r\n"
    ended = outcome(caller, saying(HEAD + odd + b"Content-Length: 0\r\n\r\n"))
    assert isinstance(ended, Answered)
    assert ended.headers[:3] == (("X-Folded", "one two"), ("X-Nul", "a b"), ("X-Ansi", "[31m"))


def test_a_broken_answer_spoils_no_later_call(caller: GuardedCaller) -> None:
    behaviours = iter([after_request(Peer.reset), saying(HEAD + b"oops\r\n\r\n"), saying(OK)])

    def behave(peer: Peer) -> None:
        next(behaviours)(peer)

    with Endpoint(behave) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/"
        ended = [caller(a_call(url)) for _ in range(3)]
    assert [type(each) for each in ended] == [Unanswered, Unanswered, Answered]


ANSWER_PIECES = st.sampled_from(
    [
        *(
            b"HTTP/1.1 200 OK",
            b"HTTP/1.1 100 Continue",
            b"HTTP/1.0 204",
            b"\r\n",
            b"\n",
            b"\r",
            b": ",
        ),
        *(b"Content-Length: 5", b"Content-Length: -1", b"Transfer-Encoding: chunked", b"0", b"5"),
        *(b"\x00", b"\xff", b" ", b"hello", b"ffffffffffffffffffff", b"Connection: close"),
        *(b"Content-Type: multipart/mixed; boundary=x", b"--x"),
    ]
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.one_of(st.binary(), st.lists(ANSWER_PIECES, max_size=20).map(b"".join)))
def test_no_answer_whatsoever_raises(caller: GuardedCaller, answer: bytes) -> None:
    with answering_once(answer) as endpoint:
        ended = caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
    assert isinstance(ended, Answered | Unanswered)
