"""Events in the formats of the systems replaced, as they are published: events/published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "events" / "published"


def published(name: str) -> dict[str, Any]:
    """The body of a POST to …/events: ``published("unleash_feature_created")``."""
    event: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return event


def names() -> list[str]:
    """All of them, in the order of their names."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))
