"""Secrets of the stack, out of AWS Secrets Manager."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from hookline.adapters.aws.clients import translated
from hookline.errors import Unavailable
from hookline.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_FRESH_FOR = timedelta(seconds=60)
"""A root key that was rotated stops working within 60 s, as any other key (product rule)."""


class StackSecret:
    """One secret's current text, read again once it is a minute old.

    While it cannot be read again, what was read before stays good: an outage of Secrets Manager is
    none of the API.
    """

    def __init__(self, client: SecretsManagerClient, arn: str, clock: Clock) -> None:
        self._client = client
        self._arn = arn
        self._clock = clock
        self._read: tuple[str, datetime] | None = None
        self._lock = Lock()

    def __call__(self) -> str:
        """The secret's text. Raises Unavailable when it was never read."""
        with self._lock:
            now = self._clock()
            if self._read is None:
                self._read = self._read_anew(), now
            elif now - self._read[1] >= _FRESH_FOR:
                try:
                    self._read = self._read_anew(), now
                except Unavailable:
                    self._read = self._read[0], now
            return self._read[0]

    def _read_anew(self) -> str:
        with translated():
            return self._client.get_secret_value(SecretId=self._arn)["SecretString"]
