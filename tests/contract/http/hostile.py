"""Endpoints that mean harm, and how calls to them end."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from hookline.adapters.http import GuardedCaller
from hookline.domain.delivery.call import Answered, Unanswered
from tests.contract.http.calls import PATIENT, a_call
from tests.contract.http.endpoints import Behaviour, Endpoint, Peer, Time

if TYPE_CHECKING:
    from collections.abc import Iterator


HEAD = b"HTTP/1.1 200 OK\r\n"
MEMORY_BYTES = 4 * 1024 * 1024


def outcome(
    caller: GuardedCaller,
    behave: Behaviour,
    *,
    body: bytes = b"{}",
    timeout: timedelta = PATIENT,
    time: Time | None = None,
) -> Answered | Unanswered:
    """How a call ends; always in bounded memory."""
    with Endpoint(behave, time=time) as endpoint, bounded_memory():
        return caller(a_call(f"http://127.0.0.1:{endpoint.port}/", body=body, timeout=timeout))


@contextlib.contextmanager
def bounded_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_BYTES


def after_request(act: Callable[[Peer], None]) -> Behaviour:
    def behave(peer: Peer) -> None:
        peer.request()
        act(peer)

    return behave


def saying(answer: bytes, then: Callable[[Peer], None] = Peer.stall) -> Behaviour:
    """Answers with these bytes, then stalls, resets or whatever else is asked for."""

    def act(peer: Peer) -> None:
        peer.send(answer)
        then(peer)

    return after_request(act)
