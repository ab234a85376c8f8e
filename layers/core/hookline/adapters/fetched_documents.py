"""Fetches the keys and certificates of senders, which strangers' calls name: guarded and seldom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from hookline.bounded_cache import BoundedCache
from hookline.domain.inbound.hosts import is_of
from hookline.errors import Refused, Unavailable
from hookline.ports import Clock

if TYPE_CHECKING:
    from hookline.domain.delivery.call import Caller

_FRESH_FOR = timedelta(hours=1)
_BETWEEN_FETCHES = timedelta(seconds=60)
"""No address is asked again so soon, whatever came of it."""

_ADDRESSES = 100
_TIMEOUT = timedelta(seconds=4)
_MAX_BYTES = 256 * 1024


class FetchedDocuments:
    """The port `Fetch`: to public addresses only, by the client that makes deliveries.

    ``caller`` is made when something is first fetched: few tenants need it, and it is slow to load.
    """

    def __init__(self, clock: Clock, caller: Caller | None = None) -> None:
        self._caller = caller
        self._lock = Lock()
        self._kept = BoundedCache[str, bytes](size=_ADDRESSES, lifetime=_FRESH_FOR, clock=clock)
        self._recent = BoundedCache[str, bytes | Refused | Unavailable](
            size=_ADDRESSES, lifetime=_BETWEEN_FETCHES, clock=clock
        )

    def __call__(self, url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
        """The document, as `hookline.domain.inbound.signatures.Fetch` says."""
        if hosts and not is_of(url, hosts):
            raise Refused("the address is none of the sender's own")
        kept = self._kept.get(url)
        if kept is not None and not anew:
            return kept
        recent = self._recent.get(url)
        if recent is None:
            recent = self._asked(url)
        if isinstance(recent, bytes):
            return recent
        raise type(recent)(str(recent))

    def _asked(self, url: str) -> bytes | Refused | Unavailable:
        """What came of asking, kept either way: an address costs no more if many calls name it."""
        try:
            content = self._fetched(url)
        except (Refused, Unavailable) as error:
            self._recent.put(url, error)
            return error
        self._recent.put(url, content)
        self._kept.put(url, content)
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
            if answer.kind == "blocked":
                raise Refused(f"{target.origin} may not be called: {answer.message}")
            raise Unavailable(f"{target.origin}: {answer.message}")
        if answer.status >= 500 or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Unavailable(f"{target.origin} answered {answer.status}")
        if answer.status != 200 or answer.body_truncated:
            raise Refused(f"the address answers {answer.status}, or at too great a length")
        return answer.body

    def _calling(self) -> Caller:
        with self._lock:
            if self._caller is None:
                from hookline.adapters.http.caller import GuardedCaller  # noqa: PLC0415 - as in _fetched
                from hookline.adapters.http.sockets import Limits  # noqa: PLC0415 - as in _fetched

                self._caller = GuardedCaller(limits=Limits(kept_body_bytes=_MAX_BYTES))
            return self._caller
