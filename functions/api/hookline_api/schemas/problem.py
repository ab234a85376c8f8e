"""What every refusal looks like."""

from __future__ import annotations

from hookline.domain.documents.kinds import Choice
from hookline.domain.documents.shape import Object
from hookline.problems import CODES, TYPE_PREFIX
from hookline_api.schemas.base import Answer, Each, always, count, sometimes, text


class ProblemError(Answer):
    """One broken rule."""

    field = always(
        text("retry.multiplier"), "Dotted path of the field; empty for the document itself."
    )
    message = always(text("must be from 1 to 10"), "What it must be, or must not.")


class Problem(Answer):
    """RFC 9457 problem details."""

    type = always(text(f"{TYPE_PREFIX}invalid"), "The code as a URI.")
    title = always(text("Unprocessable Content"), "The status in words.")
    status = always(count(422), "The HTTP status.")
    detail = always(text("The request is invalid."), "What is wrong, for people.")
    code = always(
        Choice(*CODES), "What is wrong, for programs: see Problem codes.", example="invalid"
    )
    request_id = sometimes(
        text("c6af9ac6-7b61-11e6-9a41-93e8deadbeef"),
        "Names the request in the logs; absent on one item of a batch.",
    )
    errors = sometimes(
        Each(Object(ProblemError)), "Broken rules of a rejected request, 100 at most."
    )
    more_errors = sometimes(count(3), "How many more rules are broken than `errors` names.")


class GatewayRefusal(Answer):
    """What the gateway answers by itself, before the API is asked."""

    message = always(text("Too Many Requests"), "What is wrong.")
