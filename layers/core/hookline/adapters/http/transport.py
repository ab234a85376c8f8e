"""requests' transport adapter, over our connections and without whatever it does on its own.

A requests Session would add cookies, redirects, proxies and credentials from the environment to
the calls of unrelated webhooks. Its transport adapter does none of that by itself, so calls go
straight to the adapter, and what is left of the environment in there is overridden.
"""

from __future__ import annotations

import ssl
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, NoReturn, cast, override

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.response import BaseHTTPResponse

from hookline.adapters.http.connections import (
    GuardedHTTPConnectionPool,
    GuardedHTTPSConnectionPool,
)
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
