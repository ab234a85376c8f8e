"""Every call that docs/moving.md names for a reference row is one that the API knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hookline_api.http.app import Api
from tests.worlds.client import Client

PAGE = Path(__file__).resolve().parents[3] / "docs" / "moving.md"
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


STEPS = re.findall(
    r"```http\n(\w+) …(\S+)\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.parametrize(("method", "path", "body"), STEPS, ids=[step[2][:40] for step in STEPS])
def test_the_calls_of_the_steps_do_what_they_say(
    client: Client, method: str, path: str, body: str
) -> None:
    answer = client(method, path, raw=body.encode())
    assert answer.status in (201, 202), answer.text
    assert "warnings" not in answer.json


def test_there_are_steps_for_every_system() -> None:
    assert len(STEPS) == 13


def _anonymous(path: str) -> str:
    return re.sub(r"\{\w+\}", "_", path)
