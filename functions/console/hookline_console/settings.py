"""What this function is told by its environment; `hookline.settings` reads it."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings(Settings):
    """Of the function `console`."""

    stage: str
    frame_ancestors: tuple[str, ...]
    oidc_issuer: str | None
    oidc_client_id: str | None
