"""How often what led to a call or an event has come through here: by that a loop is known."""

from __future__ import annotations

from collections.abc import Mapping

HOPS_HEADER = "Hookline-Hops"
"""The header of a delivery that says how often what it carries came in before."""

MAX_HOPS = 8
"""How often the result of a call may come in again as a call before that counts as a loop."""

_OF_A_DELIVERY = "webhook-id"
_MOST_DIGITS = 4


def hops_told(headers: Mapping[str, str]) -> int:
    """What a call says of itself, by its headers in lower case; 0 where somebody made it up."""
    text = headers.get(HOPS_HEADER.lower(), "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS else 0


def hops_published(headers: Mapping[str, str]) -> int:
    """Those of an event that a call of the API publishes.

    A webhook may call the API, with a key among its headers. Its first delivery tells of no hops,
    but has the header that every delivery has.
    """
    known = headers.keys() & {HOPS_HEADER.lower(), _OF_A_DELIVERY}
    return hops_told(headers) + 1 if known else 0
