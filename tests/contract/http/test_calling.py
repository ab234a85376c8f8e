"""What a well-behaved endpoint sees of a call, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from hookline.adapters.http import GuardedCaller
from hookline.domain.delivery.call import Answered, Unanswered
from hookline.domain.request.attempt_record import request_record
from tests.contract.http.calls import HEADERS, PATIENT, a_call
from tests.contract.http.conftest import MakeCaller
from tests.contract.http.endpoints import OK, Endpoint, Peer, answering, answering_once


def test_the_endpoint_gets_the_request_as_it_was_made(caller: GuardedCaller) -> None:
    with answering(OK) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/a//b/%7e?x=%2f&y=a+b#fragment"
        caller(a_call(url, headers={**HEADERS, "X-One": "1, 2"}, body=b"\x00\xff"))
    (request,) = endpoint.requests
    assert request.line == "POST /a//b/%7E?x=%2F&y=a+b HTTP/1.1"
    assert request.body == b"\x00\xff"
    assert request.headers == {
        **HEADERS,
        "Host": f"127.0.0.1:{endpoint.port}",
        "Content-Length": "2",
        "Accept-Encoding": "identity",
        "X-One": "1, 2",
    }


def test_the_log_shows_the_very_request_that_the_endpoint_got(caller: GuardedCaller) -> None:
    with answering(OK) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/%7e?x=%2f"
        call = a_call(url, headers={**HEADERS, "X-One": "1", "accept-encoding": "br"})
        caller(call)
    (request,) = endpoint.requests
    record = request_record(call, [])
    assert list(record.headers) == list(request.headers.items())
    authority, _, target = record.url.removeprefix("http://").partition("/")
    assert request.line == f"{record.method} /{target} HTTP/1.1"
    assert request.headers["Host"] == authority
    assert record.body == request.body.decode()


def test_the_answer_comes_back_whole(caller: GuardedCaller) -> None:
    answer = b"HTTP/1.1 418 Teapot\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 3\r\n\r\n\x00\xe4!"
    with answering(answer) as endpoint:
        answered = caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
    assert isinstance(answered, Answered)
    assert answered.status == 418
    assert answered.headers == (("X-A", "1"), ("X-A", "2"), ("Content-Length", "3"))
    assert answered.body == b"\x00\xe4!"
    assert not answered.body_truncated
    assert answered.address == "127.0.0.1"
    assert timedelta(0) < answered.duration < PATIENT


def test_a_get_has_no_body_and_no_length(caller: GuardedCaller) -> None:
    with answering(OK) as endpoint:
        caller(a_call(f"http://127.0.0.1:{endpoint.port}/", method="GET", body=None))
    (request,) = endpoint.requests
    assert request.line == "GET / HTTP/1.1"
    assert "Content-Length" not in request.headers
    assert "Transfer-Encoding" not in request.headers


def test_an_empty_body_has_a_length_of_zero(caller: GuardedCaller) -> None:
    with answering(OK) as endpoint:
        caller(a_call(f"http://127.0.0.1:{endpoint.port}/", body=b""))
    assert endpoint.requests[0].headers["Content-Length"] == "0"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(caller: GuardedCaller, status: int) -> None:
    answer = b"HTTP/1.1 %d Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    with answering(answer) as endpoint:
        answered = caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
    assert isinstance(answered, Answered)
    assert answered.status == status
    assert len(endpoint.requests) == 1


def test_cookies_are_not_sent_back(caller: GuardedCaller) -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1\r\nContent-Length: 0\r\n\r\n"
    with answering(answer) as endpoint:
        for _ in range(2):
            caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
    assert all("Cookie" not in request.headers for request in endpoint.requests)


def test_proxies_and_credentials_of_the_environment_are_not_used(
    caller: GuardedCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://user:pass@127.0.0.1:1")
    with answering(OK) as endpoint:
        answered = caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
    assert isinstance(answered, Answered)
    assert "Authorization" not in endpoint.requests[0].headers


def test_a_compressed_body_stays_as_it_is(caller: GuardedCaller) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz"
    with answering(answer) as endpoint:
        call = a_call(f"http://127.0.0.1:{endpoint.port}/", headers={"accept-encoding": "gzip"})
        answered = caller(call)
    assert isinstance(answered, Answered)
    assert answered.body == b"zzzz"
    assert endpoint.requests[0].headers["Accept-Encoding"] == "identity"
    assert "accept-encoding" not in endpoint.requests[0].headers


def test_interim_responses_are_skipped(caller: GuardedCaller) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    with answering(b"HTTP/1.1 100 Continue\r\n\r\n" + hints + OK) as endpoint:
        answered = caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
    assert isinstance(answered, Answered)
    assert (answered.status, answered.body) == (200, b"ok")


def test_a_connection_is_used_again(caller: GuardedCaller) -> None:
    with answering(OK) as endpoint:
        answers = [caller(a_call(f"http://127.0.0.1:{endpoint.port}/")) for _ in range(5)]
    assert all(isinstance(answer, Answered) for answer in answers)
    assert [answer.address for answer in answers] == ["127.0.0.1"] * 5
    assert endpoint.connections == 1


def test_a_connection_idle_for_long_is_not_used_again(make_caller: MakeCaller) -> None:
    now = [0.0]
    caller = make_caller(clock=lambda: now[0])
    with answering(OK) as endpoint:
        for _ in range(2):
            assert isinstance(caller(a_call(f"http://127.0.0.1:{endpoint.port}/")), Answered)
            now[0] += 60
    assert endpoint.connections == 2


def test_a_connection_the_endpoint_closed_is_not_used_again(caller: GuardedCaller) -> None:
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    with answering_once(closing) as endpoint:
        answers = [caller(a_call(f"http://127.0.0.1:{endpoint.port}/")) for _ in range(3)]
    assert all(isinstance(answer, Answered) and answer.body == b"ok" for answer in answers)
    assert endpoint.connections == 3


def test_a_body_of_the_next_answer_is_never_taken_for_this_one(caller: GuardedCaller) -> None:
    extra = b"HTTP/1.1 299 Smuggled\r\nContent-Length: 0\r\n\r\n"
    with answering(OK + extra) as endpoint:
        for _ in range(2):
            answered = caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
            assert isinstance(answered, Answered)
            assert (answered.status, answered.body) == (200, b"ok")


def test_what_is_beyond_the_first_16_kib_is_read_and_dropped(caller: GuardedCaller) -> None:
    body = bytes(range(256)) * 400
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with answering(answer) as endpoint:
        for _ in range(2):
            answered = caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
            assert isinstance(answered, Answered)
            assert answered.body == body[: 16 * 1024]
            assert answered.body_truncated
    assert endpoint.connections == 1, "the connection was cut although the body was not that long"


@pytest.mark.parametrize("length", [16 * 1024 - 1, 16 * 1024])
def test_a_body_of_up_to_16_kib_is_whole(caller: GuardedCaller, length: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answering(head + b"%x\r\n" % length + b"x" * length + b"\r\n0\r\n\r\n") as endpoint:
        answered = caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
    assert isinstance(answered, Answered)
    assert answered.body == b"x" * length
    assert not answered.body_truncated


def test_an_answer_given_before_the_body_was_read_is_an_answer(caller: GuardedCaller) -> None:
    def refuse_early(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        peer.stall()

    with Endpoint(refuse_early) as endpoint:
        answered = caller(a_call(f"http://127.0.0.1:{endpoint.port}/", body=b"x" * 262_144))
    assert isinstance(answered, Answered)
    assert answered.status == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"content-length": "1"},
        {"Transfer-Encoding": "chunked"},
        {"X-A": "1\r\nX-Evil: 1"},
        {"X-A": "1\r\n folded"},
        {"X-A": "\x00"},
        {"X A": "1"},
    ],
)
def test_headers_that_could_split_a_request_are_not_sent(
    caller: GuardedCaller, headers: dict[str, str]
) -> None:
    with answering(OK) as endpoint:
        ended = caller(a_call(f"http://127.0.0.1:{endpoint.port}/", headers=headers))
    assert isinstance(ended, Unanswered)
    assert ended.kind == "protocol"
    assert endpoint.connections == 0


def test_many_threads_call_at_once(caller: GuardedCaller) -> None:
    def call_often(number: int) -> Sequence[Answered | Unanswered]:
        url = f"http://127.0.0.1:{endpoint.port}/{number}"
        return [caller(a_call(url, body=str(number).encode())) for _ in range(10)]

    with answering(OK) as endpoint, ThreadPoolExecutor(8) as threads:
        answers = [answer for some in threads.map(call_often, range(8)) for answer in some]
    assert all(isinstance(answer, Answered) and answer.body == b"ok" for answer in answers)
    assert len(endpoint.requests) == 80
    for request in endpoint.requests:
        assert request.line == f"POST /{request.body.decode()} HTTP/1.1"


@pytest.mark.parametrize(
    "die", [Peer.reset, lambda peer: peer.sock.shutdown(2)], ids=["reset", "closed"]
)
def test_a_kept_connection_that_proves_dead_is_replaced_within_the_call(
    caller: GuardedCaller, die: Callable[[Peer], object]
) -> None:
    died: list[Peer] = []
    with Endpoint(lambda peer: _first_dies(peer, died, die)) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/"
        first, second = caller(a_call(url)), caller(a_call(url))
    assert isinstance(first, Answered)
    assert isinstance(second, Answered), second
    assert (len(died), endpoint.connections) == (1, 2)


def _first_dies(peer: Peer, died: list[Peer], die: Callable[[Peer], object]) -> None:
    peer.request()
    peer.send(OK)
    if not died and peer.request() is not None:
        died.append(peer)
        die(peer)


def test_it_is_replaced_once_and_not_after_a_byte_of_an_answer(caller: GuardedCaller) -> None:
    asked: list[Peer] = []

    def behave(peer: Peer) -> None:
        while peer.request() is not None:
            asked.append(peer)
            if len(asked) == 1:
                peer.send(OK)
            elif len(asked) == 2:
                peer.send(b"HTTP/1.1 2")
                peer.reset()
                return
            else:
                peer.reset()
                return

    with Endpoint(behave) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/"
        assert isinstance(caller(a_call(url)), Answered)
        begun = caller(a_call(url))
        fresh = caller(a_call(url))
    assert isinstance(begun, Unanswered)
    assert isinstance(fresh, Unanswered)
    assert len(asked) == 3, "a call over a connection of its own is not made again"
