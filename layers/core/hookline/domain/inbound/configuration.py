"""A tenant's providers in sequence and its functions, as one message sees them (row FD-2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hookline.domain.ids import ProviderId
from hookline.domain.inbound.function import Function, uri_fits
from hookline.domain.inbound.message import PassedOver
from hookline.domain.inbound.provider import Provider


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of one tenant's; ``providers`` in the order in which they are tried."""

    providers: tuple[Provider, ...] = ()
    functions: tuple[Function, ...] = ()

    def provider(self, provider_id: ProviderId) -> Provider | None:
        """The provider of this id."""
        return next((each for each in self.providers if each.id == provider_id), None)

    def functions_for(self, provider: Provider, uri: str) -> tuple[Function, ...]:
        """The active functions of a provider for a uri, without its query."""
        return tuple(
            function
            for function in self.functions
            if function.active
            and function.provider_id == provider.id
            and uri_fits(function.uri, uri)
        )


@dataclass(frozen=True, slots=True)
class Routed:
    """The first provider that matched, if any, and those passed over before it."""

    provider: Provider | None
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a provider does not take a message; if ``final``, no later one is asked."""

    reason: str
    final: bool = False


def first_match(
    providers: Sequence[Provider], refusal: Callable[[Provider], Refusal | None]
) -> Routed:
    """Asks the providers in sequence for their refusal; the first without one wins.

    Inactive providers and those after it are not asked.
    """
    passed_over: list[PassedOver] = []
    for provider in providers:
        refused = refusal(provider) if provider.active else _INACTIVE
        if refused is None:
            return Routed(provider, tuple(passed_over))
        passed_over.append(PassedOver(provider.id, refused.reason))
        if refused.final:
            break
    return Routed(None, tuple(passed_over))


_INACTIVE = Refusal("inactive")
