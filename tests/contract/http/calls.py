"""Calls for tests, which name only what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network

from hookline.domain.delivery.call import Call
from hookline.domain.net.urls import parse_url

PATIENT = timedelta(seconds=60)
"""For endpoints that answer, and for those that are slow by a clock of the test: no time that
passes on a machine uses it up."""

IMPATIENT = timedelta(seconds=0.2)
"""For endpoints that say nothing: how long their tests take."""

HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "User-Agent": "Hookline/test"}


def a_call(
    url: str,
    *,
    method: str = "POST",
    headers: Mapping[str, str] = HEADERS,
    body: bytes | None = b'{"type":"flow.executed"}',
    timeout: timedelta = PATIENT,
    ca_certificate: str | None = None,
) -> Call:
    parsed = parse_url(url, allow_http=True, allowed_networks=(ip_network("127.0.0.0/8"),))
    return Call(method, parsed, headers, body, timeout, ca_certificate)
