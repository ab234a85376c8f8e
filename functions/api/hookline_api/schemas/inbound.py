"""Inbound providers, functions and messages, as they are written and read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from hookline.domain.inbound import message
from hookline.domain.inbound.presets import preset_names
from hookline_api.schemas.base import Answer, Input, Timestamp, words_of

Name = Annotated[str, Field(min_length=1, max_length=200)]
Description = Annotated[str, Field(max_length=500)]
Secret = Annotated[
    str,
    Field(
        min_length=5, max_length=1000, description="Write-only: reads as `*****`, which keeps it."
    ),
]
Expression = Annotated[str, Field(min_length=1, max_length=4096, description="JMESPath.")]
FunctionArn = Annotated[
    str, Field(description="One that the stack's parameter InvokeFunctionArns names.")
]
Progress = Annotated[str, words_of(message.Progress)]
Outcome = Annotated[str, words_of(message.Outcome)]


class MatchByExpression(Input):
    """Over `{method, path, headers, query, payload, remote_addr, message_id}`; truthy matches."""

    expression: Expression


class MatchByFunction(Input):
    """A Lambda function of yours: told the same and the pristine body, answers `{match, log}`."""

    function_arn: FunctionArn


class TimestampFrom(Input):
    """Where the time of signing stands: `header:NAME`, `body:PATH`, `signature:NAME`."""

    from_: str = Field(alias="from")
    unit: Literal["s", "ms", "iso"] | None = None


class VerifyForm(Input):
    """What every form has."""

    expect: dict[str, str] | None = Field(
        default=None, description="What has to stand where in the call, besides."
    )
    on_mismatch: Literal["pass", "401"] | None = Field(
        default=None, description="`pass` asks the next provider, `401` refuses the call."
    )


class VerifyPreset(VerifyForm):
    """As a well-known system signs; docs/inbound.md lists them."""

    type: str = Field(json_schema_extra={"enum": list(preset_names())})
    secret: Secret | None = None
    secrets: list[Secret] | None = None
    key: str | None = None
    username: str | None = None
    tolerance_seconds: int | None = Field(default=None, ge=1, le=86_400)


class VerifySigned(VerifyForm):
    """A signature in a header, a query parameter or a field of the body."""

    header: str | None = None
    query: str | None = None
    field: str | None = None
    prefix: str | None = Field(default=None, max_length=50)
    delimiter: str | None = Field(default=None, max_length=3)
    layout: Literal["plain", "pairs"] | None = None
    encoding: Literal["hex", "base64", "base64url"]
    signed_content: str | None = Field(
        default=None,
        max_length=1000,
        description="Text with {body} {timestamp} {id} {url} {method} {path} {header:NAME}"
        " {query:NAME} {field:PATH} {form_sorted} {body_sha256}; default {body}.",
    )
    timestamp: TimestampFrom | None = None
    tolerance_seconds: int | None = Field(
        default=None, ge=1, le=86_400, description="How far off the time may be; 300."
    )
    id: str | None = Field(default=None, description="Where {id} stands.")
    body_digest: str | None = Field(
        default=None, description="Where the body's SHA-256 stands that is signed in its place."
    )


class VerifyHmac(VerifySigned):
    """A keyed digest."""

    type: Literal["hmac"]
    secret: Secret | None = None
    secrets: list[Secret] | None = None
    algorithm: Literal["sha256", "sha1", "sha512"]
    key_encoding: Literal["text", "base64", "base64url", "hex", "whsec"] | None = None


class VerifyPublicKey(VerifySigned):
    """A signature by the sender's private key."""

    type: Literal["public_key"]
    algorithm: Literal["ed25519", "ecdsa-p256-sha256", "rsa-sha256", "rsa-sha1"]
    key: str | None = None
    key_url: str | None = None
    key_hosts: list[str] | None = None


class VerifyJwt(VerifyForm):
    """A token of an issuer that publishes its keys."""

    type: Literal["jwt"]
    issuer: str
    audience: str
    header: str | None = None


class VerifyToken(VerifyForm):
    """A shared token in a header, the query or a field of the body: one of them."""

    type: Literal["token"]
    header: str | None = None
    query: str | None = None
    field: str | None = None
    prefix: str | None = None
    token: Secret | None = None
    secrets: list[Secret] | None = None


class VerifyBasic(VerifyForm):
    """HTTP basic authentication."""

    type: Literal["basic"]
    username: str
    password: Secret | None = None
    secrets: list[Secret] | None = None


class VerifyNone(VerifyForm):
    """Anybody may call."""

    type: Literal["none"]


class ChallengeAnswer(Input):
    """Body and values of headers are expressions over the message."""

    status: int | None = None
    content_type: str | None = None
    headers: dict[str, str] | None = None
    body: Expression | None = None


class Challenge(Input):
    """What a sender asks when a hook is set up: answered at once and before functions."""

    when: Expression
    respond: ChallengeAnswer
    signed: bool | None = Field(default=None, description="Whether the call has to verify for it.")


class Respond(Input):
    """The answer to whatever is no challenge and not synchronous; sent as it is."""

    status: int | None = None
    headers: dict[str, str] | None = None
    body: str | None = None


Match = MatchByExpression | MatchByFunction
Verify = (
    VerifyPreset | VerifyHmac | VerifyPublicKey | VerifyJwt | VerifyToken | VerifyBasic | VerifyNone
)


class ProviderInput(Input):
    """A new provider; it is tried after all others until it is reordered."""

    name: Name
    description: Description | None = None
    active: bool | None = Field(default=None, description="Default true.")
    match: Match
    verify: Verify
    challenges: list[Challenge] | None = None
    respond: Respond | None = None
    mode: Literal["async", "sync"] | None = Field(
        default=None, description="Null leaves it to a header of the caller's whether it waits."
    )
    properties: dict[str, Any] | None = Field(
        default=None, description="Shared with its functions. Those that sound secret are masked."
    )


class ProviderPatch(Input):
    """JSON Merge Patch; a `verify` of another type replaces the old one as a whole."""

    name: Name | None = None
    description: Description | None = None
    active: bool | None = None
    match: dict[str, Any] | None = None
    verify: dict[str, Any] | None = None
    challenges: list[Challenge] | None = None
    respond: dict[str, Any] | None = None
    mode: Literal["async", "sync"] | None = None
    properties: dict[str, Any] | None = None


class Provider(Answer):
    """A provider; secrets read as `*****`."""

    id: str
    tenant: str
    sequence: int = Field(description="Its place in the order providers are tried in, from 1.")
    name: str
    description: str
    active: bool
    match: Match
    verify: Verify
    challenges: list[Challenge]
    respond: Respond | None
    mode: Literal["async", "sync"] | None
    properties: dict[str, Any]
    version: int
    created_at: Timestamp
    created_by: str
    updated_at: Timestamp
    updated_by: str


class ProviderPage(Answer):
    """Providers in the order in which they are tried."""

    items: list[Provider]
    next_cursor: str | None = None


class ReorderInput(Input):
    """Every provider of the tenant, in the new order."""

    ids: list[str]


class ActionPublish(Input):
    """Publishes an event; every value is a JMESPath expression over `{message, properties}`."""

    type: Literal["publish"]
    event: dict[str, Any] = Field(examples=[{"type": "'git.push'", "data": "message.payload"}])


class ActionInvoke(Input):
    """Invokes a Lambda function of yours with `{message, properties}`; answers `{message, log}`."""

    type: Literal["invoke"]
    function_arn: FunctionArn


class ActionForward(Input):
    """Has the pristine body, method and query delivered to one webhook."""

    type: Literal["forward"]
    webhook_id: str
    headers: list[str] | None = Field(
        default=None,
        max_length=30,
        description="Names of headers to hand on, beside Content-Type and Content-Encoding.",
    )


Action = ActionPublish | ActionInvoke | ActionForward
Uri = Annotated[
    str, Field(min_length=1, max_length=1024, description="The path after `/in/{tenant}/`.")
]


class FunctionInput(Input):
    """A new function."""

    name: Name
    description: Description | None = None
    active: bool | None = Field(default=None, description="Default true.")
    provider_id: str = Field(description="Never changes.")
    uri: Uri
    action: Action


class FunctionPatch(Input):
    """JSON Merge Patch; an `action` of another type replaces the old one as a whole."""

    name: Name | None = None
    description: Description | None = None
    active: bool | None = None
    provider_id: str | None = None
    uri: Uri | None = None
    action: dict[str, Any] | None = None


class Function(Answer):
    """A function."""

    id: str
    tenant: str
    provider_id: str
    uri: str
    name: str
    description: str
    active: bool
    action: Action
    version: int
    created_at: Timestamp
    created_by: str
    updated_at: Timestamp
    updated_by: str


class FunctionPage(Answer):
    """Functions, newest first."""

    items: list[Function]
    next_cursor: str | None = None


class PassedOver(Answer):
    """A provider that did not match."""

    provider_id: str
    reason: str


class Execution(Answer):
    """One function's run."""

    function_id: str
    function_name: str
    status: Progress
    message: str
    logs: str | None = Field(default=None, description="Absent in lists.")
    started_at: Timestamp | None
    ended_at: Timestamp | None


class MessageItem(Answer):
    """A message in a list: without headers, body and logs."""

    id: str
    received_at: Timestamp
    method: str
    uri: str
    query: dict[str, list[str]]
    remote_addr: str
    provider_id: str | None
    provider_name: str | None
    status: Progress
    outcome: Outcome | None = Field(description="Null until it was matched.")
    message: str
    sync: bool
    passed_over: list[PassedOver]
    executions: list[Execution]
    resubmit_of: str | None
    resubmitted_by: str | None


class Message(MessageItem):
    """One inbound call and its fate."""

    headers: dict[str, str]
    body: str
    body_is_base64: bool = Field(description="Whether the body is no UTF-8 and shown as base64.")
    payload: Any = Field(description="The parsed body; null where it cannot be read.")
    payload_problem: str | None = Field(
        description="Why there is no payload, or what is not right about it."
    )


class MessagePage(Answer):
    """Messages, newest first."""

    items: list[MessageItem]
    next_cursor: str | None = None
