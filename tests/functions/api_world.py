"""The API function over moto: two tenants with everything in them, and callers of every kind."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import boto3

from hookline.adapters.aws.clients import Clients
from hookline_api.composition import build_api
from hookline_api.http.app import Api
from hookline_api.settings import ApiSettings
from tests.contract.tables import create_queues, create_tables, table_name
from tests.engine.clock import FakeClock
from tests.functions.api.client import gateway_event

ROOT_SECRET = "a-root-secret-for-tests"
_QUEUES = {
    "delivery_queue_url": "deliveries",
    "retry_queue_url": "retries",
    "inbound_queue_url": "inbound",
}
_FIXED = {
    "stage": "test",
    "log_level": "INFO",
    "header_prefix": "X-Hookline",
    "allow_http": "true",
    "allowed_networks": "127.0.0.0/8",
    "retention_days": "30",
    "publish_quota_per_second": "1000",
    "invoke_function_arns": "arn:aws:lambda:eu-west-1:123456789012:function:mine",
    "oidc_issuer": "",
    "oidc_audience": "",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the API."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str

    def without_request_id(self) -> str:
        """The body's bytes but for the one thing that differs between two same answers."""
        request_id = self.body.get("request_id") if isinstance(self.body, dict) else None
        return self.text if request_id is None else self.text.replace(request_id, "…")


class ApiWorld:
    """One deployed API. Use it inside moto's ``mock_aws``."""

    def __init__(self, **settings: str) -> None:
        dynamodb = Clients(validate=True).dynamodb()
        create_tables(dynamodb)
        queues = create_queues(Clients(validate=True).sqs())
        secrets = boto3.client("secretsmanager")
        made = {
            "root_key_secret_arn": secrets.create_secret(Name="root", SecretString=ROOT_SECRET),
            "signing_key_secret_arn": secrets.create_secret(Name="sign", SecretString="s" * 64),
        }
        values = {
            **_FIXED,
            **{name: secret["ARN"] for name, secret in made.items()},
            **{name: queues[queue] for name, queue in _QUEUES.items()},
            "kms_key_id": boto3.client("kms").create_key()["KeyMetadata"]["KeyId"],
            **settings,
        }
        environment = {}
        for field in fields(ApiSettings):
            if field.name.endswith("_table"):
                kebab = field.name.removesuffix("_table").replace("_", "-")
                environment[field.name.upper()] = table_name(kebab)
            else:
                environment[field.name.upper()] = values[field.name]
        self.clock = FakeClock()
        self.settings = ApiSettings.from_env(environment)
        self.api: Api = build_api(self.settings, self.clock, os.urandom)
        self.root_key = f"hl_root_{ROOT_SECRET}"
        self._requests = 0

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request as the HTTP API hands it over (payload format 2.0)."""
        given = {} if key is None else {"authorization": f"Bearer {key}"}
        event = gateway_event(
            method,
            path,
            headers={**given, **(headers or {})},
            query=dict(part.split("=", 1) for part in query.split("&") if part),
            body=None if body is None else json.dumps(body).encode(),
        )
        answer = self.api(event, None)
        text = answer.get("body") or ""
        is_json = "json" in str(answer["headers"].get("Content-Type", ""))
        return Reply(
            answer["statusCode"],
            json.loads(text) if text and is_json else text,
            {name: str(value) for name, value in answer["headers"].items()},
            text,
        )

    def made(self, path: str, body: object = None, key: str | None = None) -> Any:
        """What a POST by the root key makes."""
        reply = self.call("POST", path, body, key=key or self.root_key)
        assert reply.status in {201, 202}, (path, reply)
        return reply.body

    def principal(self, tenant: str, **body: object) -> tuple[str, str]:
        """A new principal's id, and a key of it."""
        path = f"/v1/tenants/{tenant}/principals"
        principal_id = self.made(path, {"name": "someone", **body})["id"]
        return principal_id, self.made(f"{path}/{principal_id}/keys")["key"]

    def webhook(self, tenant: str, **body: object) -> str:
        """A new webhook's id."""
        self._requests += 1
        given = {
            "name": f"webhook {self._requests}",
            "url": "https://example.com/hook",
            "events": ["flow.*"],
            "scope": {"projects": ["p"]},
        }
        webhook_id: str = self.made(f"/v1/tenants/{tenant}/webhooks", given | body)["id"]
        return webhook_id
