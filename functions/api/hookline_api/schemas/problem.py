"""What every refusal looks like."""

from __future__ import annotations

from pydantic import Field

from hookline_api.schemas.base import Answer


class ProblemError(Answer):
    """One broken rule."""

    field: str = Field(description="Dotted path of the field, such as `retry.multiplier`.")
    message: str


class Problem(Answer):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = Field(
        default=None, description="Names the request in the logs; absent on one item of a batch."
    )
    errors: list[ProblemError] | None = Field(
        default=None, description="All broken rules of a rejected request at once."
    )
