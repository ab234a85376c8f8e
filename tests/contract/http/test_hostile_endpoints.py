"""Endpoints that drip, stall, flood, reset and lie: each call ends in time, in its own way."""

from __future__ import annotations

import contextlib
import socket
from datetime import timedelta

import pytest

from hookline.adapters.http import GuardedCaller
from hookline.domain.delivery.call import Unanswered
from tests.contract.http.calls import IMPATIENT, PATIENT, a_call
from tests.contract.http.conftest import MakeCaller
from tests.contract.http.endpoints import BETWEEN_BYTES_SECONDS, Behaviour, Endpoint, Peer, Time
from tests.contract.http.hostile import HEAD, after_request, outcome, saying

DRIPPING: dict[str, Behaviour] = {
    "never reads": lambda peer: peer.drip(b" " * 1000),
    "drips its status line": after_request(lambda peer: peer.drip(HEAD * 100)),
    "drips its headers": saying(HEAD, lambda peer: peer.drip(b"X-A: 1\r\n" * 100)),
    "drips its body": saying(
        HEAD + b"Content-Length: 999\r\n\r\n", lambda peer: peer.drip(b"x" * 999)
    ),
    "drips a body without a length": saying(HEAD + b"\r\n", lambda peer: peer.drip(b"x" * 999)),
    "drips chunks": saying(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        lambda peer: peer.drip(b"1\r\nx\r\n" * 100),
    ),
    "drips interim answers": after_request(
        lambda peer: peer.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
    ),
    "drips after the part that is kept": saying(
        HEAD + b"Content-Length: 99999\r\n\r\n" + b"x" * 20_000,
        lambda peer: peer.drip(b"x" * 999),
    ),
}


@pytest.mark.parametrize("behave", DRIPPING.values(), ids=DRIPPING.keys())
def test_an_endpoint_that_drips_is_given_its_time_and_not_one_byte_more(
    make_caller: MakeCaller, behave: Behaviour
) -> None:
    time = Time()
    ended = outcome(make_caller(clock=time), behave, time=time)
    assert isinstance(ended, Unanswered)
    assert ended.kind == "timeout"
    assert ended.address == "127.0.0.1"
    assert "60 s" in ended.message
    # A byte may have been on its way already.
    assert PATIENT <= ended.duration <= PATIENT + timedelta(seconds=BETWEEN_BYTES_SECONDS)


STALLING: dict[str, Behaviour] = {
    "never answers": after_request(Peer.stall),
    "stalls in its headers": saying(HEAD + b"Content-"),
    "stalls in its body": saying(HEAD + b"Content-Length: 5\r\n\r\nabc"),
    "announces more than it sends": saying(HEAD + b"Content-Length: 999999\r\n\r\nabc"),
    "never ends its chunks": saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
}


@pytest.mark.parametrize("behave", STALLING.values(), ids=STALLING.keys())
def test_an_endpoint_that_is_never_done_runs_out_of_time(
    caller: GuardedCaller, behave: Behaviour
) -> None:
    ended = outcome(caller, behave, timeout=IMPATIENT)
    assert isinstance(ended, Unanswered)
    assert ended.kind == "timeout"
    assert ended.address == "127.0.0.1"
    assert "0.2 s" in ended.message


def test_an_endpoint_that_never_reads_a_long_body_runs_out_of_time(
    make_caller: MakeCaller,
) -> None:
    time = Time()  # of which none passes: a look at it is never too late
    ended = outcome(
        make_caller(clock=time),
        lambda peer: peer.trickle(b" " * 999),
        body=b"x" * 32_000_000,
        timeout=IMPATIENT,
    )
    assert isinstance(ended, Unanswered)
    assert (ended.kind, "sending" in ended.message) == ("timeout", True)


def test_an_endpoint_whose_backlog_is_full_runs_out_of_time(caller: GuardedCaller) -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        # Linux lets one more wait than the backlog says, and drops what else comes.
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        ended = caller(a_call(url, timeout=IMPATIENT))
    assert isinstance(ended, Unanswered)
    assert (ended.kind, "connecting" in ended.message) == ("timeout", True)


def test_no_time_at_all_is_a_timeout_and_no_connection(caller: GuardedCaller) -> None:
    with Endpoint(Peer.stall) as endpoint:
        ended = caller(a_call(f"http://127.0.0.1:{endpoint.port}/", timeout=timedelta(0)))
    assert isinstance(ended, Unanswered)
    assert ended.kind == "timeout"
    assert endpoint.connections == 0
