"""Made-up requests, out of the OpenAPI document: no 500, and no answer it does not announce."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hookline_api.http.app import Api
from tests.worlds.client import ROOT_KEY, Client
from tests.worlds.wsgi import as_wsgi

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def openapi(api: Api) -> Any:
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", as_wsgi(api))


@pytest.fixture(scope="module")
def known(api: Api) -> dict[str, str]:
    """Ids of what is there, so that made-up bodies get further than to a 404."""
    client = Client(api, "fuzzed")
    client("POST", "/v1/tenants", {"id": "fuzzed"})
    client("PUT", "/event-types/flow.executed", {"schema": {"type": "object"}})
    return {
        "tenant": "fuzzed",
        "webhook": client.a_webhook(scope={"projects": ["a"]})["id"],
        "event": client("POST", "/events", {"type": "flow.executed", "data": {}}).json["id"],
        "event_type": "flow.executed",
        "principal": client("POST", "/principals", {"name": "p"}).json["id"],
    }


MADE_UP_ONLY = {
    "DELETE /v1/tenants/{tenant}": "tenant",
    "DELETE /v1/tenants/{tenant}/webhooks/{webhook}": "webhook",
    "DELETE /v1/tenants/{tenant}/principals/{principal}": "principal",
    "DELETE /v1/tenants/{tenant}/event-types/{event_type}": "event_type",
}
"""What the other requests stand on is not to be deleted on the way."""


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_made_up_request_is_answered_in_a_way_that_was_not_announced(
    openapi: Any, known: dict[str, str], mode: GenerationMode, subtests: pytest.Subtests
) -> None:
    every = [found.ok() for found in openapi.get_all_operations()]
    operations = [one for one in every if one.path.startswith("/v1/")]  # /in is another function's
    assert len(operations) > 30
    if mode is GenerationMode.NEGATIVE:  # where nothing is taken, nothing can be wrong
        operations = [one for one in operations if one.body or one.path_parameters or one.query]
    for operation in operations:
        kept = {n: v for n, v in known.items() if MADE_UP_ONLY.get(operation.label) != n}
        with subtests.test(operation.label):
            _fuzz(operation, mode, kept)


def _fuzz(operation: Any, mode: GenerationMode, known: dict[str, str]) -> None:
    @settings(
        max_examples=8,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_announced(case: Any) -> None:
        for name, value in (case.path_parameters or {}).items():
            # A few stay as they were made up.
            if name in known and len(str(value)) % 8:
                case.path_parameters[name] = known[name]
        if isinstance(case.body, dict) and "url" in case.body:
            case.body["url"] = "https://example.com/hook"  # made-up ones get no further than to 422
        headers = {"Authorization": f"Bearer {ROOT_KEY}"}
        case.call_and_validate(checks=CHECKS, headers=headers)

    answers_as_announced()
