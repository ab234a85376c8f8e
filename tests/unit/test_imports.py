"""What a function must not import: each of these costs every one of its cold starts some time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.packages import COLD_START

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"

DEAR = frozenset(
    {
        "aiohttp",
        "asyncio",
        "aws_lambda_powertools",
        "aws_xray_sdk",
        "boto3",
        "cryptography",
        "jsonschema",
        "jwt",
        "mmh3",
        "pydantic",
        "pynamodb",
        "pystache",
        "re2",
        "requests",
        "s3transfer",
    }
)
"""Packages that some functions need, or some of their calls: tens of milliseconds each."""

NEEDED = {
    "api": set(),
    "console": set(),
    "fanout": set(),
    "inbound": set(),
    "inbound_worker": set(),
    "scheduler": set(),
    "sender": {"requests"},
}

OURS = {
    "hookline.domain.net.addresses": {"api", "sender"},
    "hookline.domain.delivery.call": {"sender"},
    "hookline.domain.delivery.delivery": {"fanout", "scheduler", "sender"},
    "hookline.domain.event.activation": set(),
    "hookline.domain.event.catalogue": {"api", "inbound", "inbound_worker"},
    "hookline.domain.fan_out.fan_out": {"fanout", "scheduler"},
    "hookline.domain.documents.kinds": {"api", "scheduler", "inbound", "inbound_worker"},
    "hookline.domain.sandbox.expressions": {"inbound", "inbound_worker"},
    "hookline.domain.delivery.deciding": {"sender"},
    "hookline.domain.delivery.settling": {"sender"},
    "hookline.domain.sandbox.mustache_tree": {"sender"},
    "hookline.domain.delivery.recover_job": {"scheduler"},
    "hookline.domain.identity.rights": {"api"},
    "hookline.domain.net.urls": {"sender"},
    "hookline.domain.webhook.formats": {"sender"},
    "hookline.domain.webhook.rules": set(),
    "hookline.domain.webhook.webhook": {"api", "fanout", "scheduler", "sender"},
    "hookline.ports.events": {"fanout", "scheduler"},
    "hookline.ports.inbound": {"inbound", "inbound_worker"},
    "hookline.ports.requests": {"api"},
    "hookline.ports.sending": {"scheduler", "sender"},
    "hookline.ports.webhooks": {"api", "sender"},
}
"""Modules of our own and who needs them: a millisecond or more each, above all for dataclasses,
whose methods Python compiles as it loads them."""


def imported(package: str) -> set[str]:
    """The modules that a process holds once the function is put together."""
    name = package.removeprefix("hookline_")
    script = COLD_START.format(name=name) + "import json, sys; print(json.dumps(list(sys.modules)))"
    path = [str(ROOT / "layers" / "core"), str(FUNCTIONS / name)]
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": ":".join(path)},
        capture_output=True,
        check=True,
        text=True,
    )
    return set(json.loads(done.stdout))


def test_every_function_is_held_to_it() -> None:
    assert {path.parent.name for path in FUNCTIONS.glob("*/Makefile")} == set(NEEDED)


@pytest.mark.parametrize("function", NEEDED)
def test_a_function_starts_with_what_it_needs_and_no_more(function: str) -> None:
    modules = imported(f"hookline_{function}")
    assert {name.partition(".")[0] for name in modules} & DEAR == NEEDED[function]
    needed = {module for module, functions in OURS.items() if function in functions}
    assert modules & OURS.keys() == needed


PUBLISHES = """
import json, sys
from hookline_api import wiring_publish
print(json.dumps(list(sys.modules)))
"""

ELSEWHERE = frozenset(
    {
        "hookline_api.http.json_schema",
        "hookline_api.http.openapi",
        "hookline.domain.net.certificates",
        "hookline.domain.sandbox.expressions",
        "hookline.domain.sandbox.templates",
        "hookline.domain.webhook.fields",
        "hookline.services.fan_out.dry_run",
        "pynamodb",
    }
)
"""What documents, templates and tables need that a publish does not ask for."""


def test_what_publishing_imports_is_for_publishing() -> None:
    path = [str(ROOT / "layers" / "core"), str(FUNCTIONS / "api")]
    done = subprocess.run(
        [sys.executable, "-c", PUBLISHES],
        env={"PYTHONPATH": ":".join(path)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert not ELSEWHERE & set(json.loads(done.stdout))
