"""The local proxy hands calls to the gateway unchanged, under the gateway's own host name."""

from __future__ import annotations

import base64
import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from local.proxy import Lines, Proxy
from local.receiver import Receiver

type Running = tuple[Receiver, str]


@pytest.fixture
def proxied() -> Iterator[Running]:
    """A receiver in the gateway's place, and the proxy's address."""
    with closing(Receiver(0)) as gateway, closing(Proxy(0, gateway.port, "abc123")) as proxy:
        yield gateway, f"http://127.0.0.1:{proxy.port}"


def test_method_path_query_headers_and_body_pass_unchanged(proxied: Running) -> None:
    gateway, url = proxied
    requests.patch(f"{url}/v1/a%2Fb?x=1&x=%20", data=b"{}", headers={"X-Own": "yes"})
    (call,) = gateway.calls()
    assert (call.method, call.path, call.query) == ("PATCH", "/v1/a%2Fb", "x=1&x=%20")
    assert (call.headers["x-own"], call.body) == ("yes", "{}")
    assert call.headers["host"].startswith("abc123.execute-api.127.0.0.1:")


def test_the_answer_comes_back_unchanged(proxied: Running) -> None:
    _, url = proxied
    answer = requests.get(f"{url}/retry-after/30")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.text == "answered 503\n"


def test_a_gateway_that_resets_is_a_502(proxied: Running) -> None:
    _, url = proxied
    assert requests.get(f"{url}/reset").status_code == 502


def sent(url: str, raw: bytes) -> bytes:
    """What comes back for these bytes on a connection that is closed then."""
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_body_in_chunks_arrives_whole_with_its_length(proxied: Running) -> None:
    gateway, url = proxied
    parts = [b"first ", b"x" * 70_000, b" last"]
    assert requests.post(f"{url}/v1/x", data=iter(parts)).status_code == 200
    (call,) = gateway.calls()
    assert call.body.encode() == b"".join(parts)
    assert call.headers["content-length"] == str(len(b"".join(parts)))
    assert "transfer-encoding" not in call.headers


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def test_extensions_and_trailers_of_chunks_are_read_over(proxied: Running) -> None:
    gateway, url = proxied
    answer = sent(url, CHUNKED + b"2;a=b\r\n{}\r\n0\r\nX-Trailer: y\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert [call.body for call in gateway.calls()] == ["{}"]


@pytest.mark.parametrize(
    "body", [b"zz\r\n{}\r\n", b"-1\r\n", b"1\r\n{}\r\n", b"9\r\n{}", b"ffffffffff\r\n", b"2"]
)
def test_chunks_that_are_none_are_refused_and_passed_to_nobody(
    proxied: Running, body: bytes
) -> None:
    gateway, url = proxied
    assert sent(url, CHUNKED + body).startswith(b"HTTP/1.1 400")
    assert gateway.calls() == []


def test_who_asks_whether_to_go_on_is_told_before_the_body_comes(proxied: Running) -> None:
    gateway, url = proxied
    port = int(url.rpartition(":")[2])
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    (call,) = gateway.calls()
    assert (call.body, "expect" in call.headers) == ("{}", False)


def test_bytes_that_are_no_text_pass_unchanged(proxied: Running) -> None:
    gateway, url = proxied
    packed = gzip.compress(b'{"a": 1}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    requests.post(f"{url}/in/acme/x", data=packed, headers=headers)
    (call,) = gateway.calls()
    assert base64.b64decode(call.body) == packed


def test_a_function_gets_few_calls_at_a_time_and_all_of_them_in_the_end() -> None:
    lines, most = Lines(at_once=3), list[int]()
    lock, busy = threading.Lock(), [0]

    def one_call() -> None:
        with lines.turn("/v1/tenants") as got:
            assert got
            with lock:
                busy[0] += 1
                most.append(busy[0])
            with lock:
                busy[0] -= 1

    callers = [threading.Thread(target=one_call) for _ in range(100)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(most) == 100
    assert max(most) <= 3


def test_a_full_line_of_one_function_is_not_that_of_another() -> None:
    lines = Lines(at_once=1, longest_wait=0)
    with lines.turn("/v1/tenants?limit=1") as got, lines.turn("/v1/other") as too_much:
        assert (got, too_much) == (True, False)
        for elsewhere in ("/in/acme/x", "/console/app.js"):
            with lines.turn(elsewhere) as free:
                assert free
