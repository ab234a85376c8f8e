"""Reads a provider's properties: which are secret, and what their masks stand for."""

from __future__ import annotations

from hookline.domain.documents.kinds import Findings
from hookline.domain.documents.strict_json import dumps
from hookline.domain.inbound.provider import ProviderSecrets
from hookline.domain.mask import MASK
from hookline.domain.net.header_rules import is_sensitive

_MAX_PROPERTIES_BYTES = 16_384

_NOTHING = object()
"""Stands for what is not stored, as null may be stored."""


def read_properties(
    given: object, findings: Findings, stored: ProviderSecrets | None
) -> tuple[dict[str, object], dict[str, object]]:
    """The properties as they are shown, and the secret ones in clear."""
    if not isinstance(given, dict):
        findings.add("properties", "must be an object")
        return {}, {}
    if len(dumps(given).encode()) > _MAX_PROPERTIES_BYTES:
        findings.add("properties", f"must not exceed {_MAX_PROPERTIES_BYTES:,} bytes")
    kept = stored.properties if stored is not None else {}
    shown: dict[str, object] = {}
    secret: dict[str, object] = {}
    for name, value in given.items():
        meant = _unmasked(findings, f"properties.{name}", value, kept.get(name, _NOTHING))
        if value == MASK or _sounds_secret(name, meant):
            secret[name] = meant
        shown[name] = MASK if name in secret else meant
    return shown, secret


def _unmasked(findings: Findings, path: str, value: object, stored: object) -> object:
    """The value with masks replaced by what is stored; notes a mask without."""
    match value:
        case str() if value == MASK and stored is _NOTHING:
            findings.add(path, "has nothing stored that it could keep")
            return value
        case str() if value == MASK:
            return stored
        case dict():
            within = stored if isinstance(stored, dict) else {}
            return {
                name: _unmasked(findings, f"{path}.{name}", part, within.get(name, _NOTHING))
                for name, part in value.items()
            }
        case list():
            return [
                _unmasked(findings, f"{path}.{place}", part, _NOTHING)
                for place, part in enumerate(value)
            ]
        case _:
            return value


def _sounds_secret(name: str, value: object) -> bool:
    """Whether a property is kept secret: by its name, or by one anywhere inside it."""
    if is_sensitive(name):
        return True
    match value:
        case dict():
            return any(_sounds_secret(inner, part) for inner, part in value.items())
        case list():
            return any(_sounds_secret("", part) for part in value)
        case _:
            return False
