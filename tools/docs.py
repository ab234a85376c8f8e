"""`make docs`: writes every document that is derived from the code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.api_document import api
from tools.api_page import page
from tools.postman import collection

DOCS = Path(__file__).resolve().parent.parent / "docs"


def derived(document: Mapping[str, Any]) -> dict[Path, str]:
    """Each such document and what it must say, given the OpenAPI document."""
    return {
        DOCS / "api.md": page(document),
        DOCS / "hookline.postman_collection.json": collection(document),
    }


def main() -> None:
    """Writes them all."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    for path, text in derived(api().document()).items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
