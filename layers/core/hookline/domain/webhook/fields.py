"""The fields of a webhook's document, each declared once: what may be written, and what it means.

The limits are those of the product's table of fields (reference rows IZ-1, UN-1, AP-1, ET-2 to
ET-10). What depends on more than one field, or on the stack, is in `hookline.domain.webhook.rules`
and `hookline.domain.webhook.secrets`.
"""

from __future__ import annotations

from typing import get_args

from hookline.domain.documents.kinds import (
    Anything,
    Choice,
    Flag,
    ListOf,
    MapOf,
    Number,
    Text,
    Whole,
)
from hookline.domain.documents.shape import (
    Object,
    OneOf,
    Shape,
    WordOr,
    defaulted,
    nested,
    optional,
    required,
)
from hookline.domain.event.fields import EVENT_TYPE, PATTERN
from hookline.domain.net.certificates import MAX_PEM_BYTES, parse_ca_certificates
from hookline.domain.net.header_rules import JSON, MAX_HEADER_CHARACTERS, is_field_value
from hookline.domain.net.urls import MAX_URL_CHARACTERS
from hookline.domain.sandbox.expressions import InvalidExpression, compile_expression
from hookline.domain.sandbox.language import Language
from hookline.domain.sandbox.mustache_lint import MAX_BYTES as MAX_TEMPLATE_BYTES
from hookline.domain.webhook.formats import FormatName
from hookline.domain.webhook.signing import (
    DEFAULT_OVERLAP,
    LONGEST_OVERLAP,
    Algorithm,
    Encoding,
    SchemeName,
    content_problem,
)
from hookline.domain.webhook.webhook import Method

READ_ONLY = frozenset(
    {"id", "tenant", "version", "health", "level", "public_key"}
    | {"created_at", "created_by", "updated_at", "updated_by"}
)
"""What an answer has besides the fields that can be set."""

MAX_CREDENTIAL = 4_000
"""In characters; how much fits depends on the other secrets."""

# RFC 9110, 8.3.1: type "/" subtype, then parameters; quoted values without escapes are enough.
_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_MEDIA_TYPE = rf'{_WORD}/{_WORD}(?: *; *{_WORD}=(?:{_WORD}|"[ !#-\[\]-~]*"))*'

_LONGEST_DELAY = 43_200  # SQS hides a message for 12 hours at most
_LONGEST_AGE = 1_209_600  # SQS keeps a message for 14 days at most


def _broken_filter(text: str) -> str | None:
    try:
        compile_expression(text)
    except InvalidExpression as error:
        return error.detail
    return None


def _broken_certificate(pem: str) -> str | None:
    try:
        parse_ca_certificates(pem)
    except ValueError as error:
        return str(error)
    return None


def _broken_token(token: str) -> str | None:
    return None if is_field_value(token) else "must be printable ASCII without spaces at its ends"


def _broken_prefix(text: str) -> str | None:
    return None if is_field_value(text.rstrip(" ")) else "must be printable ASCII"


NAME = Text(1, 200, one_line=True, example="orders to the warehouse")
TEMPLATE = Text(0, MAX_TEMPLATE_BYTES, example='{"text": "{{event.entity_id}} was paid"}')
LANGUAGE = Choice[Language](*get_args(Language))
FORMAT = Choice[FormatName](*get_args(FormatName))
MEDIA_TYPE = Text(
    1,
    255,
    one_line=True,
    like=(_MEDIA_TYPE, "must be a media type such as text/plain; charset=utf-8"),
    example=JSON,
)
ACTIVATION_TEXT = Text(1, 500, example="eu/west")
_SCOPE = ListOf(Text(1, 256, example="production"), 0, 100)
_SECONDS = Number(1, _LONGEST_DELAY)


class ScopeFields(Shape):
    """Narrows the events: (entity OR project listed) AND environment listed; empty means all."""

    projects = defaulted(_SCOPE, (), "Projects it is for; `*` stands for all.", example=["shop"])
    entities = defaulted(_SCOPE, (), "Ids of entities it is for.", example=["o-17"])
    environments = defaulted(
        _SCOPE, (), "Environments it is for; events without one pass.", example=["production"]
    )


class BasicAuthFields(Shape):
    """HTTP basic authentication."""

    type = required(Choice("basic"), "This kind of authentication.")
    username = required(
        Text(
            1,
            MAX_CREDENTIAL,
            one_line=True,
            like=("[^:]*", "must not hold a colon (RFC 7617)"),
            example="hookline",
        ),
        "The user's name.",
    )
    password = required(
        Text(0, MAX_CREDENTIAL, one_line=True, example="*****"),
        "The password, which may be empty. Reads as `*****`, which sent back keeps what is stored.",
    )


class BearerAuthFields(Shape):
    """A bearer token (RFC 6750)."""

    type = required(Choice("bearer"), "This kind of authentication.")
    token = required(
        Text(1, MAX_CREDENTIAL, also=_broken_token, example="*****"),
        "The token. Reads as `*****`, which sent back keeps what is stored.",
    )


class RetryFields(Shape):
    """Waits grow from the initial delay by the multiplier up to the maximum, +-10% jitter."""

    initial_delay_seconds = defaulted(_SECONDS, 5, "Wait before the second attempt.")
    multiplier = defaulted(Number(1, 10), 3, "By which each wait is longer than the one before.")
    max_delay_seconds = defaulted(_SECONDS, _LONGEST_DELAY, "The longest wait.")
    max_attempts = optional(
        Whole(1, 10_000, example=20), "Counts the first attempt; as many as the age allows without."
    )
    max_age_seconds = defaulted(
        Number(60, _LONGEST_AGE),
        864_000,
        "When to give up, from the first attempt on. Below the events' retention.",
    )


class RateLimitFields(Shape):
    """Kept by the platform; calls wait, none is lost."""

    per_second = required(Number(0.01, 1_000, example=10), "Calls a second.")


class HmacSignatureFields(Shape):
    """An HMAC in a header of its own, keyed with the secret's text; for calls that have a body."""

    type = required(Choice("hmac"), "This kind of signature.")
    algorithm = required(Choice[Algorithm](*get_args(Algorithm)), "The digest.", example="sha256")
    header = required(
        Text(
            1,
            128,
            like=(_WORD, "must be a header name (RFC 9110)"),
            example="X-Signature",
        ),
        "The header it comes in.",
    )
    prefix = defaulted(
        Text(0, 64, also=_broken_prefix, example="sha256="), "", "What stands before it."
    )
    encoding = defaulted(Choice[Encoding](*get_args(Encoding)), "hex", "How it is written.")
    signed_content = defaulted(
        Text(1, 500, one_line=True, also=content_problem, example="{timestamp}.{body}"),
        "{body}",
        "Text around `{body}`, `{timestamp}` (Unix seconds), `{id}`, `{url}` and `{method}`.",
    )


FILTER = Text(0, 4_096, also=_broken_filter, example="data.total > `100`")


class UnsavedFields(Shape):
    """What of a webhook decides whether an event is for it, before it is saved."""

    events = defaulted(ListOf(PATTERN, 1, 45), ("*",), "As a webhook's.", example=["order.*"])
    scope = nested(ScopeFields, "As a webhook's.")
    filter = optional(FILTER, "As a webhook's.")


class WebhookFields(Shape):
    """A webhook: where calls go, for which events, how they are built, signed and retried."""

    name = required(NAME, "Unique in its tenant.")
    description = defaulted(Text(0, 500), "", "For its readers.", example="Told of every order")
    url = required(
        Text(1, MAX_URL_CHARACTERS, one_line=True, example="https://example.com/hook"),
        "Absolute; https, a public host, no credentials in it. Path and query may hold event"
        " fields (`{{event.entity_id}}`), which are escaped. What RFC 3986 does not let stand in"
        " them is written escaped: `?ids%5B%5D=1`.",
    )
    method = defaulted(Choice[Method](*get_args(Method)), "POST", "GET has no body.")
    content_type = defaulted(
        MEDIA_TYPE,
        JSON,
        "`application/json`, `application/x-www-form-urlencoded`, or any media type when there"
        " is a template.",
    )
    headers = defaulted(
        MapOf(Text(0, MAX_HEADER_CHARACTERS, example="warehouse"), example={"X-Team": "warehouse"}),
        {},
        "Up to 40,480 characters together. Values of names that look sensitive are kept as"
        " secrets and read as `*****`, which sent back keeps what is stored. Values may hold event"
        " fields (`{{event.type}}`).",
    )
    enabled = defaulted(Flag(), True, "While it is off, events create no delivery for it.")
    events = required(
        ListOf(PATTERN, 1, 45),
        "Exact types, prefixes at a dot (`flow.*`), or `*`: all but the platform's own.",
    )
    scope = nested(ScopeFields, "Narrows the events.")
    filter = optional(FILTER, "JMESPath over the event; called when it is truthy.")
    context = optional(ACTIVATION_TEXT, "A feature's activation is computed for this context.")
    user = optional(ACTIVATION_TEXT, "A feature's activation is computed for it.", example="u-4")
    format = defaulted(
        FORMAT,
        "hookline",
        "The system whose default body, metadata headers, signature and template names are sent.",
    )
    template_language = optional(
        LANGUAGE, "Of all templates: `mustache`; `handlebars` where `format` is `izanami`."
    )
    body_template = optional(
        TEMPLATE,
        "At most 128 KiB, and 64 blanks in a row."
        " Names are the event's own (`{{event.data.n}}`, `{{data.n}}`), those of"
        " `format`, `webhook` and `eventJson`; `{{id}}` is the feature's id, the event's"
        " `{{event.id}}`. `{{#json}}event.data{{/json}}`, in Handlebars `{{json event.data}}`,"
        " prints any value as JSON.",
    )
    include_entity = defaulted(Flag(), True, "False leaves `entity` out of the body.")
    secret = optional(
        Text(1, 512, example="*****"),
        "The signing secret. For `standard`: `whsec_` and base64 of 24 to 64 bytes; for"
        " `standard-ed25519`: `whsk_` and base64 of 32 or 64; else 8 to 512 printable characters."
        " Made by the server when absent. Reads as `*****`, which sent back keeps what is stored.",
    )
    signatures = optional(
        ListOf(WordOr(Choice[SchemeName](*get_args(SchemeName)), HmacSignatureFields), 0, 8),
        "The signatures that each call carries: `standard`, or what `format` has.",
    )
    auth = optional(
        OneOf("type", {"basic": BasicAuthFields, "bearer": BearerAuthFields}),
        "How calls authenticate; not together with an Authorization header.",
    )
    ca_certificate = optional(
        Text(0, MAX_PEM_BYTES, also=_broken_certificate, example="-----BEGIN CERTIFICATE-----…"),
        "PEM, trusted besides the public roots.",
    )
    timeout_seconds = defaulted(Number(1, 30), 10, "The whole call, connect to last byte.")
    retry = nested(RetryFields, "How failed calls are repeated.")
    rate_limit = optional(Object(RateLimitFields), "At most so many calls a second.")

    server_set = READ_ONLY


class TestFields(Shape):
    """A sample event. Without a type, one that the webhook subscribes to."""

    __test__ = False  # not a test case, whatever pytest makes of its name

    type = optional(EVENT_TYPE, "Its type.")
    data = optional(Anything(), "Its data; without any, the catalogue's example.")


class RotateFields(Shape):
    """A rotation."""

    secret = optional(
        Text(8, 512, example="whsec_bWFkZSBhdCByYW5kb20sIG5ldmVyIGd1ZXNz"),
        "The new secret; made by the server when absent.",
    )
    overlap_seconds = defaulted(
        Whole(0, int(LONGEST_OVERLAP.total_seconds())),
        int(DEFAULT_OVERLAP.total_seconds()),
        "How long the previous secret signs too.",
    )
