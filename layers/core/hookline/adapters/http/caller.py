"""The Caller that makes real calls, through requests' transport adapter over our connections.

A requests Session would add cookies, redirects, proxies and credentials from the environment to
the calls of unrelated webhooks. Its transport adapter does none of that, so calls go straight to
the adapter, and what it would still read of the environment is overridden.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, NoReturn, cast, override

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from hookline.adapters.http import dialling, tls
from hookline.adapters.http.connections import GuardedHTTPConnectionPool, GuardedHTTPSConnectionPool
from hookline.adapters.http.dialling import Connect, Dialler, Resolver
from hookline.adapters.http.sockets import (
    AllowanceUsedUp,
    CallEnded,
    Exchange,
    Limits,
    MonotonicClock,
)
from hookline.domain.delivery.call import Answered, Call, Unanswered
from hookline.domain.net.addresses import Network
from hookline.domain.net.header_rules import is_field_name, is_field_value, is_framing
from hookline.domain.net.urls import Url

# Idle connections at most: 64 * 5 under the public roots and 32 * 2 * 5 under private authorities.
# Together they take two thirds of the 1,024 file descriptors that Lambda grants. Five to a host, of
# which a batch uses four for one webhook: a connection that is not kept is dialled for every call.
_HOSTS_KEPT = 64
_PRIVATE_AUTHORITIES_KEPT = 32
_HOSTS_KEPT_PER_PRIVATE_AUTHORITY = 2
_CONNECTIONS_KEPT_PER_HOST = 5


class GuardedRequest(PreparedRequest):
    """A request with nothing left to prepare: requests would rewrite url and headers."""

    def __init__(
        self, method: str, target: Url, headers: Mapping[str, str], body: bytes | None
    ) -> None:
        super().__init__()
        self.method = method
        self.url = str(target)
        # A plain dict serves the adapter as well, and the case-insensitive one costs 25 us a call.
        self.headers = cast("CaseInsensitiveDict[str]", dict(headers))
        self.body = body
        self.target = target


class Transport(HTTPAdapter):
    """Connections under one set of trusted certificates, kept alive between calls."""

    def __init__(self, context: ssl.SSLContext, hosts_kept: int = _HOSTS_KEPT) -> None:
        self._context = context
        super().__init__(hosts_kept, _CONNECTIONS_KEPT_PER_HOST)

    @override
    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **_: Any
    ) -> None:
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context
        )
        self.poolmanager.pool_classes_by_scheme = {
            "http": GuardedHTTPConnectionPool,
            "https": GuardedHTTPSConnectionPool,
        }

    @override
    def get_connection_with_tls_context(
        self, request: PreparedRequest, *_: Any, **__: Any
    ) -> HTTPConnectionPool:
        target = cast("GuardedRequest", request).target
        manager: PoolManager = self.poolmanager
        return manager.connection_from_host(target.host, target.port, target.scheme)

    @override
    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        return cast("GuardedRequest", request).target.target

    @override
    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing: requests would load its own roots into our context with every call."""

    @override
    def proxy_manager_for(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError("a proxy would connect to addresses that nobody has checked")

    @override
    def build_response(self, req: PreparedRequest, resp: BaseHTTPResponse) -> Response:
        """The raw response alone: what requests adds, cookies above all, nobody reads."""
        response = Response()
        response.raw = resp
        return response


class Transports:
    """One transport for the public roots, and one for each private authority lately used."""

    def __init__(
        self,
        public: ssl.SSLContext,
        with_private_ca: Callable[[str], ssl.SSLContext],
        kept: int = _PRIVATE_AUTHORITIES_KEPT,
    ) -> None:
        self._public = Transport(public)
        self._with_private_ca = with_private_ca
        self._kept = kept
        self._private: OrderedDict[str, Transport] = OrderedDict()
        self._lock = Lock()

    def trusting(self, ca_certificate: str | None) -> Transport:
        """The transport that trusts the public roots and this PEM.

        Raises:
            ssl.SSLError: the PEM cannot be read.
        """
        if ca_certificate is None:
            return self._public
        with self._lock:
            transport = self._private.get(ca_certificate)
            if transport is None:
                context = self._with_private_ca(ca_certificate)
                transport = Transport(context, _HOSTS_KEPT_PER_PRIVATE_AUTHORITY)
                self._private[ca_certificate] = transport
                if len(self._private) > self._kept:
                    # Not closed: a call may be using it. Its sockets close with its last user.
                    self._private.popitem(last=False)
            self._private.move_to_end(ca_certificate)
            return transport

    def close(self) -> None:
        """Close every connection that is kept."""
        with self._lock:
            for transport in (self._public, *self._private.values()):
                transport.close()


_PIECE_BYTES = 16 * 1024
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

# urllib3 warns with the whole url, whose query may hold a token.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class GuardedCaller:
    """Calls endpoints at checked addresses only. Safe to use from many threads at once.

    Args:
        allowed_networks: what is open beside the public internet.
        limits: how much of an answer is taken in.
        resolve: looks names up; the system's resolver.
        connect: opens TCP connections.
        public_roots: makes the TLS context, once; its authorities are the ones trusted by default.
        clock: seconds that only grow, which deadlines and durations are measured with.
    """

    def __init__(
        self,
        *,
        allowed_networks: Sequence[Network] = (),
        limits: Limits = Limits(),  # noqa: B008 - frozen
        resolve: Resolver = dialling.resolve,
        connect: Connect = dialling.connect,
        public_roots: Callable[[], ssl.SSLContext] = tls.public_roots,
        clock: MonotonicClock = time.monotonic,
    ) -> None:
        self._dialler = Dialler(tuple(allowed_networks), resolve, connect)
        self._limits = limits
        self._clock = clock
        self._transports = Transports(public_roots(), tls.with_private_ca)

    def __call__(self, call: Call) -> Answered | Unanswered:
        """Make the call; whatever the endpoint does comes back as a value."""
        exchange = Exchange(
            dialler=self._dialler, timeout=call.timeout, limits=self._limits, clock=self._clock
        )
        try:
            return self._made(call, exchange)
        except CallEnded as ended:
            return Unanswered(ended.kind, _clean(ended.message), exchange.end(), exchange.address)
        except (RequestException, HTTPError, OSError) as error:
            message = f"the answer is not valid HTTP: {type(error).__name__}"
            return Unanswered("protocol", message, exchange.end(), exchange.address)

    def close(self) -> None:
        """Close the connections kept for further calls."""
        self._transports.close()

    def _made(self, call: Call, exchange: Exchange) -> Answered:
        """The answer; a kept connection that proves dead is replaced, once and in the same time.

        RFC 9110, section 9.2.2, lets only idempotent requests be repeated so. Ours are: each call
        carries the id that its receiver deduplicates by, and a call without an answer would be made
        again in any case, seconds later.
        """
        try:
            return self._answer(call, exchange)
        except (CallEnded, RequestException, HTTPError, OSError) as error:
            broken = not isinstance(error, CallEnded) or error.kind in ("reset", "tls")
            if not broken or not exchange.kept or exchange.answered:
                raise
        exchange.afresh = True
        return self._answer(call, exchange)

    def _answer(self, call: Call, exchange: Exchange) -> Answered:
        request = _request(call)
        try:
            transport = self._transports.trusting(call.ca_certificate)
        except ssl.SSLError as error:
            raise CallEnded("tls", "the webhook's ca_certificate cannot be read") from error
        raw: BaseHTTPResponse = transport.send(request, stream=True, timeout=exchange).raw  # type: ignore[arg-type]  # urllib3's Timeout, which the stubs know by an alias only
        body, truncated = self._read(raw)
        return Answered(
            status=raw.status,
            headers=tuple((_clean(name), _clean(value)) for name, value in raw.headers.items()),
            body=body,
            body_truncated=truncated,
            duration=exchange.end(),
            address=exchange.address or "",
        )

    def _read(self, raw: BaseHTTPResponse) -> tuple[bytes, bool]:
        """The body's first bytes, and whether there were more.

        What is beyond them is read and dropped, as far as the allowance goes: an endpoint should
        not see its connection reset for a long answer.
        """
        kept = bytearray()
        length = 0
        try:
            while piece := raw.read(_PIECE_BYTES, decode_content=False):
                length += len(piece)
                kept += piece[: self._limits.kept_body_bytes - len(kept)]
        except AllowanceUsedUp:
            return bytes(kept), True
        except HTTPError as error:
            raise CallEnded("protocol", "the answer's body is cut short or malformed") from error
        return bytes(kept), length > len(kept)


def _request(call: Call) -> GuardedRequest:
    for name, value in call.headers.items():
        if is_framing(name) or not is_field_name(name) or not is_field_value(value):
            # Saving the webhook refuses these; what is built per attempt passes here as well.
            raise CallEnded("protocol", f"the header {name!a} cannot be sent")
    return GuardedRequest(call.method, call.url, call.as_sent(), call.body)


def _clean(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()
