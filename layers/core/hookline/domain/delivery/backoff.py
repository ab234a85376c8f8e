"""How long to wait before the next attempt: exponential backoff with jitter, and Retry-After."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from hookline.domain.webhook.webhook import RetryPolicy

JITTER = 0.1
"""Each wait is up to this share shorter or longer than the policy's, so that deliveries that
failed together do not come back together."""

ATTEMPTS_BY_POLICY = 100
"""After this many attempts the waits grow whatever the policy says. A policy may ask for one
attempt a second for 14 days, which would be 1.2 million: this way no delivery has more than 250."""

_SPACED = 1.1
"""Each wait after those is at least this many times the one before."""

_WIDEST = 43_200.0
"""Seconds: the longest wait that a policy may ask for."""

_DELAY_SECONDS = re.compile(r"[0-9]+", re.ASCII)

_LONGEST_ASKED_SECONDS = 10**12
"""Larger numbers count as this one: beyond any max_delay, yet a timedelta can hold it."""


def wait_after(policy: RetryPolicy, failures: int, jitter: float) -> timedelta:
    """The wait after ``failures`` in a row (1 or more), with ``jitter`` drawn from [0, 1).

    initial_delay * multiplier ** (failures - 1), up to a tenth less or more by jitter, and at most
    max_delay. After `ATTEMPTS_BY_POLICY` failures the waits grow even beyond a short max_delay.
    """
    least = _least_seconds(failures)
    nominal = max(_nominal_seconds(policy, failures), least)
    seconds = nominal * (1 - JITTER + 2 * JITTER * jitter)
    return min(timedelta(seconds=seconds), max(policy.max_delay, timedelta(seconds=least)))


def retry_after(value: str, now: datetime) -> timedelta | None:
    """The wait that a Retry-After header asks for, in seconds or as an HTTP date, else None.

    A date in the past asks for no wait. Source: RFC 9110, sections 10.2.3 and 5.6.7.
    """
    text = value.strip()
    if _DELAY_SECONDS.fullmatch(text):
        digits = text.lstrip("0") or "0"
        # By length, since Python refuses to parse numbers of thousands of digits.
        readable = len(digits) < len(str(_LONGEST_ASKED_SECONDS))
        return timedelta(seconds=int(digits) if readable else _LONGEST_ASKED_SECONDS)
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # The obsolete asctime format names no zone: all HTTP dates are in UTC.
    utc = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
    return max(utc - now, timedelta())


def wait_asked(policy: RetryPolicy, own: timedelta, asked: timedelta | None) -> timedelta:
    """The longer of the policy's own wait and the one the endpoint asked for, up to max_delay."""
    return own if asked is None else max(own, min(asked, policy.max_delay))


def _least_seconds(failures: int) -> float:
    beyond = failures - ATTEMPTS_BY_POLICY
    if beyond <= 0:
        return 0.0
    # Compared as logarithms, as below.
    widest = beyond * math.log(_SPACED) >= math.log(_WIDEST)
    return _WIDEST if widest else float(_SPACED**beyond)


def _nominal_seconds(policy: RetryPolicy, failures: int) -> float:
    initial, ceiling = policy.initial_delay.total_seconds(), policy.max_delay.total_seconds()
    if initial >= ceiling:
        return ceiling
    # Compared as logarithms: after some hundred failures the power itself overflows a float.
    if (failures - 1) * math.log(policy.multiplier) >= math.log(ceiling / initial):
        return ceiling
    return initial * float(policy.multiplier ** (failures - 1))
