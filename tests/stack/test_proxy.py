"""The local proxy hands calls to the gateway unchanged, under the gateway's own host name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from local.proxy import Proxy
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
