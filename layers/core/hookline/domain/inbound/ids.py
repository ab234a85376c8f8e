"""The names of inbound things."""

from __future__ import annotations

from typing import NewType

ProviderId = NewType("ProviderId", str)
FunctionId = NewType("FunctionId", str)
