"""How a function is told things by its environment: in one frozen value, read once at start.

What it is told stands in its own `settings.py`. A field is named after its variable:
`webhooks_table` is ``WEBHOOKS_TABLE``. template.yaml sets exactly these; a test holds the two
together, both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Self

from hookline.errors import SettingsError

if TYPE_CHECKING:
    from hookline.domain.net.addresses import Network
    from hookline.domain.shards import Shards


_LARGEST = 10**12


def _text(value: str) -> str:
    if not value:
        raise ValueError("is empty")
    return value


def _optional_text(value: str) -> str | None:
    return value or None


def _flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return value == "true"


def _count(value: str) -> int:
    # CloudFormation's numbers may have a fraction, which no template can refuse.
    number = float(value)
    if not 1 <= number <= _LARGEST:
        raise ValueError("is not a number from 1 on")
    return int(number)


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _networks(value: str) -> tuple[Network, ...]:
    # 10.0.0.5/8 is 10.0.0.0/8, as AWS itself takes it.
    return tuple(ip_network(part, strict=False) for part in _list(value))


def _shards(value: str) -> Shards:
    # For functions that write deliveries; the others need not load it.
    from hookline.domain.shards import Shards  # noqa: PLC0415

    return Shards.parse(value)


_READ: Mapping[str, Callable[[str], object]] = {
    "str": _text,
    "str | None": _optional_text,
    "bool": _flag,
    "int": _count,
    "tuple[str, ...]": _list,
    "tuple[Network, ...]": _networks,
    "Shards": _shards,
}
"""How the text of a variable becomes a value of its field's type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every function has. ``log_level`` is one of logging's names, such as ``INFO``.

    ``metrics`` says whether it writes any.
    """

    stage: str
    log_level: str
    metrics: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises SettingsError naming every variable that is missing or malformed."""
        values: dict[str, Any] = {}
        problems = []
        for field in fields(cls):
            name = field.name.upper()
            if name not in env:
                problems.append(f"{name} is not set")
                continue
            try:
                values[field.name] = _READ[str(field.type)](env[name])
            except ValueError as error:
                problems.append(f"{name}: {error}")
        if problems:
            raise SettingsError("; ".join(problems))
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retaining(Settings):
    """A function that writes what the log keeps for ``retention_days``."""

    retention_days: int

    @property
    def retention(self) -> timedelta:
        """How long events, deliveries and attempts are kept."""
        return timedelta(days=self.retention_days)
