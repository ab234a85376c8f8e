"""From a host to a connected socket: look it up, check every address, connect to one of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from hookline.adapters.http.sockets import CallEnded, Exchange
from hookline.domain.net.addresses import Address, Network, Refused, verdict

Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host, for a port. Raises OSError where there are none; it may block."""

Connect = Callable[[Address, int, float], socket.socket]
"""Opens a TCP connection to an address and port within so many seconds, or raises OSError."""

_MAX_ADDRESSES_TRIED = 4


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, which knows the operator's hosts file and name servers."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in found]


def connect(address: Address, port: int, timeout_seconds: float) -> socket.socket:
    """Open a TCP connection to this very address: nothing is looked up again."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_seconds)
        # Head and body go out in two writes: without this the second waits for an acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


@dataclass(frozen=True, slots=True)
class Dialler:
    """Looks a host up, checks every address that it leads to, connects to one of them."""

    allowed_networks: Sequence[Network] = ()
    resolve: Resolver = resolve
    connect: Connect = connect

    def dial(self, host: str, port: int, exchange: Exchange) -> socket.socket:
        """A socket connected to one of the host's addresses, all of which have been checked.

        Sets the exchange's address.

        Raises:
            CallEnded: ``dns``, ``blocked``, ``connect``, ``reset`` or ``timeout``.
        """
        addresses = self._addresses(host, port, exchange)
        for address in addresses:
            # One bad address condemns the host: whoever mixes them in waits for us to try them.
            judged = verdict(address, self.allowed_networks)
            if isinstance(judged, Refused):
                raise CallEnded("blocked", _refusal(host, address, judged))
        return self._connect_to_one(addresses[:_MAX_ADDRESSES_TRIED], port, exchange)

    def _addresses(self, host: str, port: int, exchange: Exchange) -> list[Address]:
        try:
            return [ip_address(host)]
        except ValueError:
            found = _look_up(self.resolve, host, port, exchange)
        if not found:
            raise CallEnded("dns", f"{host} has no address")
        return [ip_address(address) for address in dict.fromkeys(found)]

    def _connect_to_one(
        self, addresses: Sequence[Address], port: int, exchange: Exchange
    ) -> socket.socket:
        failure: OSError | None = None
        for tried, address in enumerate(addresses):
            exchange.address = str(address)
            # An equal share each, or the first address that swallows packets takes all the time.
            share = exchange.remaining("connecting") / (len(addresses) - tried)
            try:
                return self.connect(address, port, share)
            except OSError as error:
                failure = error
        exchange.remaining("connecting")
        if isinstance(failure, TimeoutError) and failure.errno is None:
            raise exchange.out_of_time("connecting")
        if isinstance(failure, ConnectionResetError):
            # It did accept: the reset was merely quicker than we were.
            raise CallEnded("reset", "the connection was reset while connecting")
        reason = failure.strerror if failure is not None else None
        raise CallEnded("connect", f"no connection to port {port}: {reason or 'failed'}")


def _refusal(host: str, address: Address, judged: Refused) -> str:
    # Its owner is told what kind of address it is; which one is for those who may ask the resolver.
    if host == str(address):
        return f"{address} is {judged.reason}"
    return f"{host} leads to an address that is {judged.reason}"


def _look_up(resolver: Resolver, host: str, port: int, exchange: Exchange) -> Sequence[str]:
    """Look ``host`` up in a thread of its own: getaddrinfo takes no timeout and cannot be stopped.

    A look-up that never ends keeps its thread, which is why these come from no pool: the others
    would wait for it. The system's resolver gives up by itself after half a minute or so.
    """
    answers: list[Sequence[str]] = []
    failures: list[Exception] = []
    done = threading.Event()

    def work() -> None:
        try:
            answers.append(resolver(host, port))
        except Exception as error:  # noqa: BLE001 - raised again below, in the calling thread
            failures.append(error)
        finally:
            done.set()

    threading.Thread(target=work, name="hookline-look-up", daemon=True).start()
    if not done.wait(exchange.remaining("looking the name up")):
        raise exchange.out_of_time("looking the name up")
    if answers:
        return answers[0]
    failure = failures[0]
    if isinstance(failure, OSError):
        reason = failure.strerror or "the look-up failed"
        raise CallEnded("dns", f"{host} cannot be resolved: {reason}") from failure
    raise failure
