"""Which addresses are dialled and which never are: observed at the socket, not by verdicts."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pytest

from hookline.adapters.http import GuardedCaller, dialling
from hookline.domain.delivery.call import Answered, Call, Unanswered
from hookline.domain.net.urls import InvalidUrl, Url, parse_url
from tests.contract.http.calls import HEADERS, IMPATIENT, PATIENT, a_call
from tests.contract.http.conftest import MakeCaller
from tests.contract.http.endpoints import OK, answering

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "ssrf.json").read_text(encoding="utf-8")
)


class Names:
    """A resolver of made-up names. A list of lists holds successive answers; the last one stays."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        answers = self._names.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if answers and isinstance(answers[0], list):
            return list(answers.pop(0) if len(answers) > 1 else answers[0])
        return list(answers)


class Wires:
    """Connects nowhere and notes where it should have; or, given a port, always to loopback."""

    def __init__(self, loopback_port: int | None = None) -> None:
        self._port = loopback_port
        self.dialled: list[tuple[str, int]] = []

    def __call__(
        self, address: IPv4Address | IPv6Address, port: int, timeout_seconds: float
    ) -> socket.socket:
        self.dialled.append((str(address), port))
        if self._port is None:
            raise ConnectionRefusedError(111, "Connection refused")
        return socket.create_connection(("127.0.0.1", self._port), timeout_seconds)


def fresh_names() -> Names:
    return Names(json.loads(json.dumps(VECTORS["names"])))


def to(url: Url) -> Call:
    return Call("POST", url, HEADERS, b"{}", PATIENT)


@pytest.mark.parametrize("text", VECTORS["refused_at_save"] + VECTORS["refused_at_connect"])
def test_nothing_is_ever_connected_for_a_hostile_url(
    text: str, make_caller: MakeCaller, connects: list[Any]
) -> None:
    caller = make_caller(allowed_networks=(), resolve=fresh_names())
    try:
        ended = caller(to(parse_url(text, allow_http=True)))
    except InvalidUrl:
        assert text in VECTORS["refused_at_save"]
    else:
        assert isinstance(ended, Unanswered)
        assert ended.kind == ("dns" if "nx.example" in text else "blocked")
        assert ended.address is None
    assert connects == []


# Hosts that are addresses, in whatever spelling: dotted, short, octal, hexadecimal, bracketed.
LITERALS = [
    (found[1] or found[2])
    for text in VECTORS["refused_at_save"]
    if (
        found := re.match(
            r"https?://(?:\[([0-9a-f:.]+)\]|([0-9][0-9a-fx.]*))(?::\d+)?/", text, re.IGNORECASE
        )
    )
]


@pytest.mark.parametrize("host", LITERALS)
def test_an_address_that_slipped_past_the_parser_is_stopped_before_the_socket(
    host: str, make_caller: MakeCaller, connects: list[Any]
) -> None:
    def resolves_like_libc(name: str, port: int) -> Sequence[str]:
        """Reads what inet_aton reads, 0x7f.1 included, and asks no server."""
        found = socket.getaddrinfo(name, port, flags=socket.AI_NUMERICHOST)
        return [str(address[0]) for *_, address in found]

    caller = make_caller(allowed_networks=(), resolve=resolves_like_libc)
    ended = caller(to(Url("http", host, 80, "/")))
    assert isinstance(ended, Unanswered)
    assert ended.kind in ("blocked", "dns")
    assert connects == []


@pytest.mark.parametrize("vector", VECTORS["allowed"], ids=lambda vector: vector["url"])
def test_the_checked_address_is_the_one_that_is_dialled(
    vector: dict[str, Any], make_caller: MakeCaller
) -> None:
    names, wires = fresh_names(), Wires()
    caller = make_caller(allowed_networks=(), resolve=names, connect=wires)
    ended = caller(to(parse_url(vector["url"], allow_http=True)))
    assert wires.dialled == [(vector["dials"], vector["port"])]
    assert isinstance(ended, Unanswered)
    assert (ended.kind, ended.address) == ("connect", vector["dials"])
    assert len(names.asked) == (0 if vector["dials"] == vector["host"] else 1)


def test_the_host_header_stays_the_urls(make_caller: MakeCaller) -> None:
    with answering(OK) as endpoint:
        wires = Wires(endpoint.port)
        caller = make_caller(resolve=Names({"hooks.example.com": ["8.8.8.8"]}), connect=wires)
        answered = caller(a_call("http://hooks.example.com:8080/x"))
    assert isinstance(answered, Answered)
    assert answered.address == "8.8.8.8"
    assert endpoint.requests[0].headers["Host"] == "hooks.example.com:8080"
    assert wires.dialled == [("8.8.8.8", 8080)]


def test_a_name_that_changes_after_the_check_changes_nothing(make_caller: MakeCaller) -> None:
    names = Names({"rebinding.example": [["8.8.8.8"], ["127.0.0.1"]]})
    wires = Wires()
    caller = make_caller(allowed_networks=(), resolve=names, connect=wires)
    call = a_call("http://rebinding.example/")
    first, second = caller(call), caller(call)
    assert isinstance(first, Unanswered)
    assert isinstance(second, Unanswered)
    assert (first.kind, second.kind) == ("connect", "blocked")
    assert wires.dialled == [("8.8.8.8", 80)], "each call looks up once and dials that answer"
    assert len(names.asked) == 2


def test_the_next_address_is_tried_when_one_does_not_connect(make_caller: MakeCaller) -> None:
    wires = Wires()
    names = Names({"many.example": [f"8.8.8.{last}" for last in range(9)] + ["8.8.8.0"]})
    caller = make_caller(resolve=names, connect=wires)
    caller(a_call("http://many.example/"))
    assert [address for address, _ in wires.dialled] == ["8.8.8.0", "8.8.8.1", "8.8.8.2", "8.8.8.3"]


def test_a_message_about_a_blocked_host_says_why_and_not_which_address(
    make_caller: MakeCaller,
) -> None:
    caller = make_caller(resolve=fresh_names(), connect=Wires())
    ended = caller(a_call("http://mixed.example/"))
    assert isinstance(ended, Unanswered)
    assert ended.message == "mixed.example leads to an address that is private, RFC 1918"


@pytest.mark.parametrize(
    "failure", [socket.gaierror(-3, "Temporary failure in name resolution"), OSError()]
)
def test_a_failed_look_up_is_a_dns_error(make_caller: MakeCaller, failure: OSError) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise failure

    ended = make_caller(resolve=resolve)(a_call("http://hooks.example.com/"))
    assert isinstance(ended, Unanswered)
    assert ended.kind == "dns"


def test_a_resolver_that_hangs_runs_out_of_time(make_caller: MakeCaller) -> None:
    release = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        release.wait(30)
        return []

    ended = make_caller(resolve=resolve)(a_call("http://hooks.example.com/", timeout=IMPATIENT))
    release.set()
    assert isinstance(ended, Unanswered)
    assert (ended.kind, ended.address) == ("timeout", None)
    assert "looking the name up" in ended.message


def test_a_connection_is_opened_within_the_time_that_is_given_for_it() -> None:
    with answering(OK) as endpoint:
        sock = dialling.connect(IPv4Address("127.0.0.1"), endpoint.port, 7.5)
        with sock:
            assert sock.gettimeout() == 7.5


def test_a_defect_of_the_resolver_is_not_taken_for_the_endpoints(make_caller: MakeCaller) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        make_caller(resolve=resolve)(a_call("http://hooks.example.com/"))


def test_a_local_name_is_judged_by_its_addresses(caller: GuardedCaller) -> None:
    with answering(OK) as endpoint:
        ended = caller(a_call(f"http://localhost:{endpoint.port}/"))
    # Where localhost is ::1 as well, loopback of IPv4 alone is not enough to allow it.
    addresses = {found[4][0] for found in socket.getaddrinfo("localhost", 80)}
    assert isinstance(ended, Answered if addresses == {"127.0.0.1"} else Unanswered)


def test_the_dialled_socket_is_the_only_one(caller: GuardedCaller, connects: list[Any]) -> None:
    with answering(OK) as endpoint:
        caller(a_call(f"http://127.0.0.1:{endpoint.port}/"))
    assert connects == [("127.0.0.1", endpoint.port)]
