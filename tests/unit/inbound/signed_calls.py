"""Calls signed as each general form says, and how they are judged."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import stripe
from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook

from hookline.domain.inbound.message import Call
from hookline.domain.inbound.signatures import Arrival, Verdict
from hookline.domain.inbound.verify import Verify
from tests.builders import NOW
from tests.inbound_builders import a_call

BODY = b'{"text":"gr\xc3\xbc\xc3\x9f dich","n":1.0}'


def judged(
    document: Mapping[str, object], secrets: Sequence[str], call: Call, now: datetime = NOW
) -> Verdict:
    """How a call is judged by a ``verify`` such as users write it."""
    return Verify(document).judge(secrets, Arrival(call, now, _nothing))


def _nothing(url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
    raise AssertionError(url)


@dataclass(frozen=True)
class Signed:
    """A call as its system signs it, and the headers whose every byte counts."""

    verify: Mapping[str, object]
    secret: str
    call: Call
    counting: tuple[str, ...]

    def verdict(self, now: datetime = NOW, **changes: object) -> Verdict:
        secret = str(changes.pop("secret", self.secret))
        return judged(self.verify, [secret], replace(self.call, **changes), now)  # type: ignore[arg-type] # a test's own changes


def by_github() -> Signed:
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    return Signed(
        {"type": "github"},
        "It's a Secret to Everybody",
        a_call(body=b"Hello, World!", headers={"x-hub-signature-256": signature}),
        ("x-hub-signature-256",),
    )


def by_stripe(at: datetime = NOW) -> Signed:
    secret = "whsec_test_secret"
    payload = f"{int(at.timestamp())}.{BODY.decode()}"
    signature = stripe.WebhookSignature._compute_signature(payload, secret)
    header = f"t={int(at.timestamp())},v1={signature},v0={'0' * 64}"
    assert stripe.WebhookSignature.verify_header(BODY.decode(), header, secret)
    call = a_call(body=BODY, headers={"stripe-signature": header})
    return Signed({"type": "stripe"}, secret, call, ())


def by_slack(at: datetime = NOW) -> Signed:
    secret = "8f742231b10e8888abcd99yyyzzz85a5"
    timestamp = str(int(at.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=BODY)
    assert signature is not None
    headers = {"x-slack-signature": signature, "x-slack-request-timestamp": timestamp}
    return Signed({"type": "slack"}, secret, a_call(body=BODY, headers=headers), tuple(headers))


def by_standard_webhooks(at: datetime = NOW) -> Signed:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek", at.replace(microsecond=0), BODY.decode()
        ),
    }
    return Signed(
        {"type": "standard-webhooks"}, secret, a_call(body=BODY, headers=headers), tuple(headers)
    )


def by_shopify() -> Signed:
    digest = hmac.new(b"hush", BODY, hashlib.sha256).digest()
    headers = {"x-shopify-hmac-sha256": base64.b64encode(digest).decode()}
    return Signed({"type": "shopify"}, "hush", a_call(body=BODY, headers=headers), tuple(headers))


def by_bitbucket() -> Signed:
    # https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/ documents this value.
    signature = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    headers = {"x-hub-signature": signature}
    call = a_call(body=b"Hello World!", headers=headers)
    return Signed({"type": "bitbucket"}, "It's a Secret to Everybody", call, tuple(headers))


def by_jira() -> Signed:
    return replace(by_bitbucket(), verify={"type": "jira"})


def by_gitlab() -> Signed:
    headers = {"x-gitlab-token": "gl-token"}
    return Signed(
        {"type": "gitlab"}, "gl-token", a_call(body=BODY, headers=headers), tuple(headers)
    )


def by_general_hmac() -> Signed:
    timestamp = str(int(NOW.timestamp()))
    content = f"POST|git/push|{timestamp}|abc|".encode() + BODY
    headers = {
        "authorization": f"HMAC {hmac.new(b'k', content, hashlib.sha512).hexdigest()}",
        "x-at": timestamp,
        "x-nonce": "abc",
    }
    scheme = {
        "type": "hmac",
        "algorithm": "sha512",
        "header": "authorization",
        "prefix": "HMAC ",
        "encoding": "hex",
        "signed_content": "{method}|{path}|{timestamp:X-At}|{header:X-Nonce}|{body}",
        "tolerance_seconds": 30,
    }
    return Signed(scheme, "k", a_call(body=BODY, headers=headers), tuple(headers))


def by_basic() -> Signed:
    credentials = base64.b64encode(b"ci:p:\xc3\xa4ss").decode()
    headers = {"authorization": f"Basic {credentials}"}
    return Signed(
        {"type": "basic", "username": "ci"}, "p:äss", a_call(headers=headers), tuple(headers)
    )
