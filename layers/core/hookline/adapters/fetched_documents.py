"""Fetches the keys and certificates of senders, which strangers' calls name: guarded and seldom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from hookline.bounded_cache import BoundedCache
from hookline.domain.inbound.hosts import is_of
from hookline.errors import Refused, Unavailable
from hookline.ports import Clock

if TYPE_CHECKING:
    from hookline.domain.delivery.call import Caller

_FRESH_FOR = timedelta(hours=1)
_FAILED_FOR = timedelta(seconds=60)
"""What could not be fetched is not asked for again so soon, however many calls name it."""

_ADDRESSES = 200
_TIMEOUT = timedelta(seconds=4)
_MAX_BYTES = 256 * 1024


class FetchedDocuments:
    """The port `Fetch`: to public addresses only, by the client that makes deliveries.

    ``caller`` is made when something is first fetched: few tenants need it, and it is slow to load.
    """

    def __init__(self, clock: Clock, caller: Caller | None = None) -> None:
        self._caller = caller
        self._lock = Lock()
        self._found = BoundedCache[str, bytes](size=_ADDRESSES, lifetime=_FRESH_FOR, clock=clock)
        self._failed = BoundedCache[str, str](size=_ADDRESSES, lifetime=_FAILED_FOR, clock=clock)

    def __call__(self, url: str, hosts: Sequence[str]) -> bytes:
        """The document. Raises Refused for an address that may not be called, and Unavailable."""
        if hosts and not is_of(url, hosts):
            raise Refused("the address is none of the sender's own")
        found = self._found.get(url)
        if found is not None:
            return found
        failed = self._failed.get(url)
        if failed is not None:
            raise Unavailable(failed)
        try:
            content = self._fetched(url)
        except Unavailable as error:
            self._failed.put(url, str(error))
            raise
        self._found.put(url, content)
        return content

    def _fetched(self, url: str) -> bytes:
        # Loaded when something is fetched: it brings requests along.
        from hookline.domain.delivery.call import Answered, Call  # noqa: PLC0415
        from hookline.domain.net.urls import InvalidUrl, parse_url  # noqa: PLC0415

        try:
            target = parse_url(url, allow_http=False)
        except InvalidUrl as error:
            raise Refused(f"the address {error.reason}") from None
        answer = self._calling()(
            Call(method="GET", url=target, headers={}, body=None, timeout=_TIMEOUT)
        )
        if not isinstance(answer, Answered):
            raise Unavailable(f"{target.origin}: {answer.message}")
        if answer.status >= 500:
            raise Unavailable(f"{target.origin} answered {answer.status}")
        if answer.status != 200 or answer.body_truncated:
            raise Refused(f"the address answers {answer.status}, or at too great a length")
        return answer.body

    def _calling(self) -> Caller:
        with self._lock:
            if self._caller is None:
                from hookline.adapters.http.caller import GuardedCaller  # noqa: PLC0415
                from hookline.adapters.http.exchange import Limits  # noqa: PLC0415

                self._caller = GuardedCaller(limits=Limits(kept_body_bytes=_MAX_BYTES))
            return self._caller
