"""The fields of providers and functions, as they are written."""

from __future__ import annotations

from hookline.domain.documents.kinds import Anything, Choice, Flag, ListOf, MapOf, Text
from hookline.domain.documents.shape import (
    Either,
    OneOf,
    Shape,
    defaulted,
    optional,
    required,
)
from hookline.domain.inbound.answer_rules import CHALLENGES, RESPOND
from hookline.domain.inbound.provider import MAX_PROVIDERS, MODES
from hookline.domain.inbound.verify_rules import FORMS

_NAME = Text(1, 200, example="GitHub")
_DESCRIPTION = Text(0, 500, example="Pushes to the main repository")
_EXPRESSION = Text(1, 4_096, example="headers.\"x-github-event\" == 'push'")
_ARN = Text(1, 400, example="arn:aws:lambda:eu-west-1:123456789012:function:mine")
_GITHUB = {"type": "github", "secret": "*****"}


class MatchExpressionFields(Shape):
    """Over `{method, path, headers, query, payload, remote_addr, message_id}`; truthy matches."""

    expression = required(_EXPRESSION, "JMESPath.")


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
        OneOf("type", FORMS), "How its calls prove who they come from.", example=_GITHUB
    )
    challenges = defaulted(
        CHALLENGES, (), "What a sender asks when a hook is set up, and its answers.", example=[]
    )
    respond = optional(RESPOND, "The answer to all that is neither a challenge nor synchronous.")
    mode = optional(
        Choice(*MODES), "Without it a header of the caller's says whether its sender waits."
    )
    properties = defaulted(
        MapOf(Anything("production"), example={"environment": "production"}),
        {},
        "Shared with its functions. Those that sound secret are masked.",
    )


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
        MapOf(
            Anything("message.payload"),
            example={"type": "'repository.pushed'", "data": "message.payload"},
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
        ListOf(Text(1, 100, example="X-GitHub-Event"), 0, 30),
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
    when = optional(_EXPRESSION, "Over `{message, properties}`; where false it is not for this.")
    each = optional(
        Text(1, 4_096, example="message.payload.commits"),
        "A list; one run for each `element`, with its `index`.",
    )
    log_message = optional(
        Text(1, 4_096, example="message.payload.ref"), "What the log says, in its own words."
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
