"""Every call that docs/compatibility.md names for a reference row is one that the API knows."""

from __future__ import annotations

import re
from pathlib import Path

from hookline_api.http.app import Api
from tests.worlds.client import Client

PAGE = Path(__file__).resolve().parents[3] / "docs" / "compatibility.md"
CALL = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (…?/[^`? ]+)")


def test_every_call_of_the_table_is_in_the_openapi_document(api: Api) -> None:
    document = Client(api, "nobody", None)("GET", "/v1/openapi.json").json
    known = {
        (method.upper(), _anonymous(path))
        for path, methods in document["paths"].items()
        for method in methods
    }
    named: set[tuple[str, str]] = set()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not re.match(r"\| [A-Z]{2}-\d+ ", line):
            continue
        calls = CALL.findall(line)
        assert calls, line
        named.update(
            (method, _anonymous(path.replace("…", "/v1/tenants/_"))) for method, path in calls
        )
    assert named <= known


def _anonymous(path: str) -> str:
    return re.sub(r"\{\w+\}", "_", path)
