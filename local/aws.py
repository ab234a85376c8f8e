"""A way into the emulator for our own tools: its root user, whose key is `test`."""

from __future__ import annotations

import boto3

from local.options import REGION


def session() -> boto3.Session:
    """A session as the emulator's root user, whatever credentials the environment holds."""
    return boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # the emulator's well-known one
        region_name=REGION,
    )
