"""Whether a url that a call names is one of its sender's own."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit


def is_of(url: str, hosts: Sequence[str]) -> bool:
    """Whether this is an https url on one of the hosts; a ``*`` in one stands for one label."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    plain = parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc
    labels = host.split(".")
    return plain and any(_fits(labels, each.lower().split(".")) for each in hosts)


def _fits(labels: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(labels) == len(pattern) and all(
        wanted in ("*", label) for label, wanted in zip(labels, pattern, strict=True)
    )
