"""What applies to every webhook of a stack, from its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hookline.domain.net.addresses import Network


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a webhook's rules and calls depend on besides the webhook itself."""

    allow_http: bool
    retention: timedelta
    header_prefix: str = "X-Hookline"
    allowed_networks: Sequence[Network] = ()
