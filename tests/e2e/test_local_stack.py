"""What only the local stack could get wrong: its proxy and its emulator carry calls as AWS does."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.e2e.inbound import call, ended, function, provider
from tests.e2e.tenant import Tenant

AT_ONCE = 100
LONGEST_SECONDS = 15


def test_compressed_json_reaches_a_function_whole(tenant: Tenant) -> None:
    document = {"name": "é" * 1_000, "n": 1}
    packed = gzip.compress(json.dumps(document).encode())
    function(tenant, provider(tenant), "packed")
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    message = ended(tenant, call(tenant, "packed", headers, packed))
    assert message["body_is_base64"]
    assert base64.b64decode(message["body"]) == packed
    assert message["payload"] == document


def test_a_body_in_chunks_is_published_whole(tenant: Tenant) -> None:
    event = json.dumps({"type": "order.paid", "data": {"text": "x" * 50_000}}).encode()

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(event), 7_000):
            yield event[start : start + 7_000]

    reply = requests.post(
        f"{tenant.api.base}/v1/tenants/{tenant.name}/events",
        data=chunks(),
        headers={"Authorization": f"Bearer {tenant.api.key}", "Content-Type": "application/json"},
        timeout=LONGEST_SECONDS,
    )
    assert reply.status_code == 202
    stored = tenant.api.get(f"/events/{reply.json()['id']}")
    assert stored["data"] == {"text": "x" * 50_000}


def test_a_hundred_calls_at_once_are_all_answered(tenant: Tenant) -> None:
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        replies = list(crowd.map(lambda _: tenant.api("GET", "/webhooks"), range(AT_ONCE)))
    assert {reply.status for reply in replies} == {200}
