"""The fields of providers and functions, as they are written."""

from __future__ import annotations

from typing import ClassVar

from hookline.domain.documents.kinds import Anything, Choice, Flag, ListOf, MapOf, Text
from hookline.domain.documents.shape import (
    Either,
    Later,
    OneOf,
    Shape,
    defaulted,
    optional,
    required,
)
from hookline.domain.inbound.answer_rules import CHALLENGES, EXPRESSION, RESPOND
from hookline.domain.inbound.documents import READ_ONLY, READ_ONLY_OF_PROVIDER
from hookline.domain.inbound.provider import MAX_PROVIDERS, MODES
from hookline.domain.inbound.verify_fields import FORMS
from hookline.domain.net.header_rules import is_field_name, is_platform_owned

_NAME = Text(1, 200, example="GitHub")
_DESCRIPTION = Text(0, 500, example="Pushes to the main repository")
_ARN = Text(
    1,
    400,
    like=(
        r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_:$-]{1,200}",
        "must be the ARN of a Lambda function",
    ),
    example="arn:aws:lambda:eu-west-1:123456789012:function:mine",
)
_GITHUB = {"type": "github", "secret": "what was set at GitHub"}


def _not_forwarded(name: str) -> str | None:
    if not is_field_name(name):
        return "is not a header name (RFC 9110)"
    return "is set by the platform" if is_platform_owned(name) else None


class MatchExpressionFields(Shape):
    """Over `{method, path, headers, query, payload, remote_addr, message_id}`; truthy matches."""

    expression = required(EXPRESSION, "JMESPath.", example="headers.\"x-github-event\" == 'push'")

    not_here: ClassVar = {"function_arn": "cannot be there together with expression"}


class MatchFunctionFields(Shape):
    """A Lambda function of yours: told the same and the pristine body, answers `{match, log}`."""

    function_arn = required(_ARN, "One that the stack's parameter InvokeFunctionArns names.")


class ProviderFields(Shape):
    """A provider: who may call, told by its match and its verification."""

    name = required(_NAME, "For its readers.")
    description = defaulted(_DESCRIPTION, "", "For its readers.")
    active = defaulted(Flag(), True, "An inactive one is passed over.")
    match = required(Either(MatchExpressionFields, MatchFunctionFields), "Which calls are its own.")
    verify = required(
        Later(OneOf("type", FORMS)), "How its calls prove who they come from.", example=_GITHUB
    )
    challenges = defaulted(
        Later(CHALLENGES),
        (),
        "What a sender asks when a hook is set up, and its answers.",
        example=[],
    )
    respond = optional(
        Later(RESPOND), "The answer to all that is neither a challenge nor synchronous."
    )
    mode = optional(
        Choice(*MODES), "Without it a header of the caller's says whether its sender waits."
    )
    properties = defaulted(
        Later(MapOf(Anything("production"), example={"environment": "production"})),
        {},
        "Shared with its functions. Those that sound secret are masked.",
    )

    server_set = READ_ONLY_OF_PROVIDER


class ReorderFields(Shape):
    """Every provider of the tenant, in the new order."""

    ids = required(
        ListOf(Text(1, 64, example="prv_01M81PY6T7X4SJTAJ8CSJCR31C"), 0, MAX_PROVIDERS),
        "Their ids.",
    )


class ActionPublishFields(Shape):
    """Publishes an event; every value is a JMESPath expression over `{message, properties}`."""

    type = required(Choice("publish"), "This kind of action.")
    event = required(
        Later(
            MapOf(
                Anything("message.payload"),
                example={"type": "'repository.pushed'", "data": "message.payload"},
            )
        ),
        "The event's fields.",
    )


class ActionInvokeFields(Shape):
    """Invokes a Lambda function of yours with `{message, properties}`; answers `{message, log}`."""

    type = required(Choice("invoke"), "This kind of action.")
    function_arn = required(_ARN, "One that the stack's parameter InvokeFunctionArns names.")


class ActionForwardFields(Shape):
    """Has the pristine body, method and query delivered to one webhook."""

    type = required(Choice("forward"), "This kind of action.")
    webhook_id = required(Text(1, 64, example="wh_01M81PY6T7X4SJTAJ8CSJCR31C"), "The webhook.")
    headers = defaulted(
        ListOf(Text(1, 100, also=_not_forwarded, example="X-GitHub-Event"), 0, 30),
        (),
        "Names of headers to hand on, beside Content-Type and Content-Encoding.",
    )


class FunctionFields(Shape):
    """A function: what is done with the messages of one provider to one uri."""

    name = required(_NAME, "For its readers.", example="announce a push")
    description = defaulted(_DESCRIPTION, "", "For its readers.")
    active = defaulted(Flag(), True, "An inactive one does not run.")
    provider_id = required(
        Text(1, 64, example="prv_01M81PY6T7X4SJTAJ8CSJCR31C"), "Its provider, which never changes."
    )
    uri = required(
        Text(1, 1_024, example="github/push"),
        "The path after `/in/{tenant}/`; `*` is a segment, `**` at the end any rest.",
    )
    when = optional(EXPRESSION, "Over `{message, properties}`; where false it is not for this.")
    each = optional(
        EXPRESSION,
        "A list; one run for each `element`, with its `index`.",
        example="message.payload.commits",
    )
    log_message = optional(
        EXPRESSION, "What the log says, in its own words.", example="message.payload.ref"
    )
    action = required(
        OneOf(
            "type",
            {
                "publish": ActionPublishFields,
                "invoke": ActionInvokeFields,
                "forward": ActionForwardFields,
            },
        ),
        "What it does.",
    )

    server_set = READ_ONLY
