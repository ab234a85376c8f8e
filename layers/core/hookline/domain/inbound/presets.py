"""How the well-known systems sign, each with its own documentation as the source."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from hookline.domain.inbound.message import Call
from hookline.domain.inbound.signed_content import parse
from hookline.domain.inbound.verification import (
    Basic,
    HeaderToken,
    Hmac,
    NotVerified,
    Preset,
    PresetName,
    QueryToken,
    Unverified,
    Verification,
    Verified,
    decoded,
    judge,
    time_of,
    verify_basic,
    verify_hmac,
    verify_token,
)

_FIVE_MINUTES = timedelta(minutes=5)
_WHOLE_BODY = parse("{body}")

_SCHEMES: dict[PresetName, Hmac] = {
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    "github": Hmac("sha256", "x-hub-signature-256", "sha256=", "hex", _WHOLE_BODY),
    # https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/ (Data Center signs alike)
    "bitbucket": Hmac("sha256", "x-hub-signature", "sha256=", "hex", _WHOLE_BODY),
    # https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks
    "jira": Hmac("sha256", "x-hub-signature", "sha256=", "hex", _WHOLE_BODY),
    # https://shopify.dev/docs/apps/build/webhooks/subscribe/https#verify-the-webhook
    "shopify": Hmac("sha256", "x-shopify-hmac-sha256", "", "base64", _WHOLE_BODY),
    # https://api.slack.com/authentication/verifying-requests-from-slack
    "slack": Hmac(
        "sha256",
        "x-slack-signature",
        "v0=",
        "hex",
        parse("v0:{timestamp:x-slack-request-timestamp}:{body}"),
        _FIVE_MINUTES,
    ),
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    "standard-webhooks": Hmac(
        "sha256",
        "webhook-signature",
        "v1,",
        "base64",
        parse("{header:webhook-id}.{timestamp:webhook-timestamp}.{body}"),
        _FIVE_MINUTES,
    ),
}

DELIVERY_ID_HEADERS: dict[PresetName, str] = {
    "github": "x-github-delivery",
    # Not X-Gitlab-Event-UUID: recursive webhooks share it, whatever they tell of.
    "gitlab": "idempotency-key",
    "shopify": "x-shopify-webhook-id",
    "standard-webhooks": "webhook-id",
    "bitbucket": "x-request-uuid",
    "jira": "x-atlassian-webhook-identifier",
}
"""Where each system names the delivery, the same when it repeats it: what to deduplicate by."""


def verify(
    verification: Verification, secret: str | None, call: Call, now: datetime
) -> Verified | NotVerified:
    """Judges a call as of ``now``, its time of arrival. ``secret`` is the provider's, in clear."""
    if isinstance(verification, Unverified):
        return Verified()
    if not secret:
        return NotVerified("the provider has no secret")
    match verification:
        case Hmac():
            return verify_hmac(verification, secret.encode(), call, now)
        case HeaderToken(header):
            return verify_token(call.headers.get(header), secret, f"header {header}")
        case QueryToken(query):
            values = call.query.get(query, ())
            return verify_token(
                values[0] if len(values) == 1 else None, secret, f"query parameter {query}"
            )
        case Basic():
            return verify_basic(verification, secret, call)
        case Preset(name):
            return _verify_preset(name, secret, call, now)


def standard_webhooks_key(secret: str) -> bytes | None:
    """The key inside a ``whsec_…`` secret; None when it is none."""
    key = decoded(secret.removeprefix("whsec_"), "base64")
    return key or None


def _verify_preset(
    name: PresetName, secret: str, call: Call, now: datetime
) -> Verified | NotVerified:
    if name == "gitlab":
        # https://docs.gitlab.com/user/project/integrations/webhooks/#validate-requests: no digest.
        return verify_token(call.headers.get("x-gitlab-token"), secret, "header x-gitlab-token")
    if name == "stripe":
        return _verify_stripe(secret, call, now)
    key = standard_webhooks_key(secret) if name == "standard-webhooks" else secret.encode()
    if key is None:
        return NotVerified("the provider's secret is not whsec_ and base64")
    return verify_hmac(_SCHEMES[name], key, call, now)


def _verify_stripe(secret: str, call: Call, now: datetime) -> Verified | NotVerified:
    """``t=1492774577,v1=…,v1=…,v0=…``: https://docs.stripe.com/webhooks#verify-manually."""
    header = call.headers.get("stripe-signature")
    if header is None:
        return NotVerified("the header stripe-signature is missing")
    items = [item.strip().partition("=") for item in header.split(",")]
    times = [value for name, _, value in items if name == "t"]
    signed_at = time_of(times[0]) if len(times) == 1 else None
    if signed_at is None:
        return NotVerified("the header stripe-signature has no time in Unix seconds")
    content = times[0].encode() + b"." + call.body
    candidates = [decoded(value, "hex") for name, _, value in items if name == "v1"]
    return judge(
        hmac.digest(secret.encode(), content, "sha256"),
        [candidate for candidate in candidates if candidate is not None],
        signed_at,
        _FIVE_MINUTES,
        now,
    )
