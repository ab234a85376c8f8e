"""What edits of providers and of functions share."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from hookline.domain.ids import PrincipalId
from hookline.domain.inbound.function import Function
from hookline.domain.inbound.function_rules import FunctionSettings
from hookline.domain.inbound.provider import Provider
from hookline.domain.inbound.provider_rules import ProviderSettings
from hookline.errors import Conflict, PreconditionFailed


@dataclass(frozen=True, slots=True)
class By:
    """Who edits, and the version in their If-Match, if any."""

    principal: PrincipalId
    if_match: str | None = None


def values_of(settings: ProviderSettings | FunctionSettings) -> dict[str, Any]:
    """The settings by name, without secrets, which are sealed first."""
    names = (each.name for each in fields(settings) if each.name != "secrets")
    return {name: getattr(settings, name) for name in names}


def check_version(current: Provider | Function, by: By) -> None:
    """Raises PreconditionFailed if the edit was meant for another version."""
    if by.if_match is not None and by.if_match != str(current.version):
        raise PreconditionFailed(f"It is at version {current.version}.")


def edited_meanwhile() -> Conflict:
    """The error of an edit that another one overtook."""
    return Conflict("It was edited meanwhile. Read it and try again.", "edit_conflict")
