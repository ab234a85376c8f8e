"""Puts the console together: its files, read and compressed once."""

from __future__ import annotations

from pathlib import Path

from hookline_console.answering import ASSETS, Answer
from hookline_console.files import load
from hookline_console.settings import ConsoleSettings

WEB = Path(__file__).parent / "web"


def build_console(settings: ConsoleSettings) -> Answer:
    """What answers requests for the console."""
    about = {
        "stage": settings.stage,
        "issuer": settings.oidc_issuer or "",
        "client": settings.oidc_client_id or "",
    }
    site = load(WEB, assets_at=ASSETS, settings=about)
    return Answer(site, settings.frame_ancestors, settings.oidc_issuer)
