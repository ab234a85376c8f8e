"""What a forwarded inbound call adds to a webhook's own call: method, query and chosen headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hookline.domain.delivery.call import Call
from hookline.domain.event.event import Pristine


def as_forwarded(call: Call, pristine: Pristine | None) -> Call:
    """The call with what is handed on from ``pristine``; as it is without that.

    Headers that the call has already win, the query goes behind its own one.
    """
    if pristine is None:
        return call
    target = call.url.target
    if pristine.query:
        target += ("&" if "?" in target else "?") + pristine.query
    return replace(
        call,
        method=pristine.method or call.method,
        url=replace(call.url, target=target),
        headers=_with(call.headers, pristine.headers),
    )


def _with(own: Mapping[str, str], handed_on: Mapping[str, str]) -> Mapping[str, str]:
    taken = {name.lower() for name in own}
    more = {name: value for name, value in handed_on.items() if name.lower() not in taken}
    return {**own, **more}
