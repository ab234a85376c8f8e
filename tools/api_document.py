"""The API to read its OpenAPI document from: nothing deployed, no network.

``python -m tools.api_document`` prints it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import fields
from datetime import UTC, datetime

import boto3
from moto import mock_aws

from hookline_api.http.app import Api
from hookline_api.settings import ApiSettings
from hookline_api.wiring import build_api

_SETTINGS = {
    "ALLOW_HTTP": "false",
    "ALLOWED_NETWORKS": "",
    "HEADER_PREFIX": "X-Hookline",
    "INVOKE_FUNCTION_ARNS": "",
    "KMS_KEY_ID": "none",
    "LOG_LEVEL": "ERROR",
    "METRICS": "false",
    "OIDC_AUDIENCE": "",
    "OIDC_ISSUER": "",
    "PUBLISH_QUOTA_PER_SECOND": "1",
    "WEBHOOKS_PER_TENANT": "1",
    "RETENTION_DAYS": "30",
    "KEY_SHARDS": "1",
    "STAGE": "docs",
}


def api() -> Api:
    """The API as it is deployed, over an empty account in memory: it can be read, not called."""
    with mock_aws():
        secrets = boto3.client("secretsmanager")
        environment = dict(_SETTINGS)
        for name in ("ROOT_KEY_SECRET_ARN", "SIGNING_KEY_SECRET_ARN"):
            made = secrets.create_secret(Name=name, SecretString="s" * 64)
            environment[name] = made["ARN"]
        for field in fields(ApiSettings):
            environment.setdefault(field.name.upper(), f"https://example.com/{field.name}")
        made_api = build_api(
            ApiSettings.from_env(environment), lambda: datetime.now(UTC), os.urandom
        )
        made_api.document()  # while there is an account: routes are put together when asked for
        return made_api


if __name__ == "__main__":
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    json.dump(api().document(), sys.stdout)
