"""Signatures that are described, keys that are not ours, and what of a call is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hookline.adapters.dynamo.webhook.webhook_item import from_item, to_item
from hookline.domain.delivery.call import Call
from hookline.domain.mask import MASK
from hookline.domain.request.request import Prepared, Target, prepare
from hookline.domain.webhook.document import document_of, patched, webhook_of
from hookline.domain.webhook.secrets import Kept
from hookline.domain.webhook.signing import ed25519_signature, timestamp_of
from hookline.domain.webhook.webhook import Webhook, WebhookSecrets
from hookline.errors import Rejected
from tests.builders import NOW, a_delivery, an_event
from tests.unit.test_webhook_rules import MINIMAL, RECORD, RULES

FRESH = "whsec_" + base64.b64encode(bytes(range(32))).decode()
BODY = b'{"a":1}'


def saved(**fields: Any) -> tuple[Webhook, WebhookSecrets]:
    return webhook_of(MINIMAL | fields, RECORD, RULES, fresh_secret=FRESH)


def refused(**fields: Any) -> list[str]:
    with pytest.raises(Rejected) as caught:
        saved(**fields)
    return [f"{error.field}: {error.message}" for error in caught.value.errors]


def call_of(webhook: Webhook, secrets: WebhookSecrets) -> Prepared:
    made = prepare(Target(webhook, secrets), an_event(), a_delivery(), NOW, RULES)
    assert isinstance(made, Prepared)
    return made


def described(**fields: str) -> dict[str, str]:
    return {"type": "hmac", "algorithm": "sha256", "header": "X-Sig"} | fields


# What receivers in the field check, and with what: the signed text, and how it is written.
SCHEMES: dict[str, tuple[dict[str, str], Any]] = {
    "GitHub": (
        described(header="X-Hub-Signature-256", prefix="sha256="),
        lambda key, call: "sha256=" + hmac.new(key, call.body, hashlib.sha256).hexdigest(),
    ),
    "Shopify": (
        described(header="X-Shopify-Hmac-Sha256", encoding="base64"),
        lambda key, call: base64.b64encode(
            hmac.new(key, call.body, hashlib.sha256).digest()
        ).decode(),
    ),
    "Twilio's kind": (
        described(algorithm="sha1", encoding="base64", signed_content="{url}{body}"),
        lambda key, call: base64.b64encode(
            hmac.new(key, str(call.url).encode() + call.body, hashlib.sha1).digest()
        ).decode(),
    ),
    "Slack's kind": (
        described(prefix="v0=", signed_content="v0:{timestamp}:{body}"),
        lambda key, call: (
            "v0="
            + hmac.new(
                key, b"v0:%d:%s" % (timestamp_of(NOW), call.body), hashlib.sha256
            ).hexdigest()
        ),
    ),
    "all there is": (
        described(
            algorithm="sha512",
            encoding="base64url",
            signed_content="{method} {url} {id} {timestamp} {body}",
        ),
        lambda key, call: base64.urlsafe_b64encode(
            hmac.new(
                key,
                b"POST %s %s %d %s"
                % (
                    str(call.url).encode(),
                    call.headers["webhook-id"].encode(),
                    timestamp_of(NOW),
                    call.body,
                ),
                hashlib.sha512,
            ).digest()
        ).decode(),
    ),
}


@pytest.mark.parametrize(("scheme", "expected"), SCHEMES.values(), ids=SCHEMES.keys())
def test_a_receiver_in_the_field_verifies_what_is_described(
    scheme: dict[str, str], expected: Any
) -> None:
    secret = "it's über-secret!"
    webhook, secrets = saved(signatures=[scheme], secret=secret)
    made = call_of(webhook, secrets)
    call: Call = made.call
    assert call.headers[scheme["header"]] == expected(secret.encode(), call)
    assert dict(made.record.headers)[scheme["header"]] == MASK
    assert "webhook-signature" not in call.headers


def test_several_signatures_go_side_by_side_and_read_as_they_were_written() -> None:
    plain = ["standard", "hmac-sha256", described(), described(header="X-Other", prefix="s ")]
    webhook, secrets = saved(signatures=plain)
    headers = call_of(webhook, secrets).call.headers
    assert {"webhook-signature", "X-Hookline-Signature-256", "X-Sig", "X-Other"} <= headers.keys()
    shown = document_of(webhook)["signatures"]
    assert isinstance(shown, list)
    assert shown[:2] == ["standard", "hmac-sha256"]
    assert shown[2] == described(prefix="", encoding="hex", signed_content="{body}")
    assert from_item(to_item(webhook)) == webhook


def test_during_an_overlap_the_previous_secret_keys_what_is_described() -> None:
    webhook, secrets = saved(signatures=[described()], secret="new-secret")
    both = replace(
        secrets, previous_signing="old-secret", previous_expires_at=NOW.replace(year=2027)
    )
    call = call_of(webhook, both).call
    expected = hmac.new(b"old-secret", call.body or b"", hashlib.sha256).hexdigest()
    assert call.headers["X-Sig"] == expected


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"signatures": [described(algorithm="md5")]}, "signatures.0.algorithm: must be one of"),
        ({"signatures": [described(header="X Y")]}, "signatures.0.header: must be a header name"),
        ({"signatures": [described(header="Host")]}, "signatures: must not use the header Host"),
        ({"signatures": [described(header="webhook-id")]}, "signatures: must not use"),
        ({"signatures": [described(header="Content-Type")]}, "signatures: must not use"),
        ({"signatures": [described(), described(header="x-sig")]}, "signatures: must not use"),
        ({"signatures": [described(signed_content="{id}")]}, "must contain {body}"),
        ({"signatures": [described(signed_content="{body}{secret}")]}, "contains {secret}"),
        ({"signatures": [described(encoding="rot13")]}, "signatures.0.encoding"),
        ({"signatures": [described(colour="red")]}, "signatures.0.colour: is not a known field"),
        ({"signatures": [{"type": "rsa"}]}, "signatures.0.type"),
        ({"signatures": ["md5"]}, "signatures.0: must be one of"),
        ({"signatures": ["standard", "standard-ed25519"]}, "one of standard and standard-ed25519"),
        ({"signatures": [described()], "headers": {"x-SIG": "a"}}, "headers.x-SIG: is set by"),
        ({"signatures": [described()], "secret": "short"}, "secret: must be 8 to 512 printable"),
        ({"signatures": [described()], "secret": "with\na line"}, "secret: must be 8 to 512"),
        ({"signatures": ["standard"], "secret": "plain-secret"}, "secret: must begin with whsec_"),
        ({"signatures": ["standard-ed25519"], "secret": FRESH}, "secret: must begin with whsk_"),
        ({"signatures": ["standard-ed25519"], "secret": "whsk_AAAA"}, "must hold 32 or 64 bytes"),
        (
            {"signatures": ["standard-ed25519"],
             "secret": "whsk_" + base64.b64encode(bytes(64)).decode()},
            "secret: must hold a seed and the public key",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_signed_so_is_refused(fields: dict[str, Any], says: str) -> None:
    assert any(says in each for each in refused(**fields))


def test_a_secret_that_stands_must_be_what_new_signatures_take() -> None:
    webhook, secrets = saved(signatures=[described()], secret="plain-secret")
    kept = Kept(webhook, secrets, RULES)
    with pytest.raises(Rejected) as caught:
        webhook_of(
            patched(webhook, {"signatures": ["standard"]}), RECORD, RULES, fresh_secret="",
            kept=kept,
        )  # fmt: skip
    assert [error.field for error in caught.value.errors] == ["secret"]


# Standard Webhooks' asymmetric scheme. Its packages on PyPI and npm (standardwebhooks, svix) know
# v1 alone: what is signed is checked by the specification and another implementation.


def verified(public_key: str, signature: str, body: bytes) -> bool:
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    content = b"msg_1.%d.%s" % (timestamp_of(NOW), body)
    try:
        key.verify(base64.b64decode(signature.removeprefix("v1a,")), content)
    except InvalidSignature:
        return False
    return True


def test_an_asymmetric_signature_is_verified_by_the_public_key_that_is_shown() -> None:
    webhook, secrets = saved(signatures=["standard-ed25519"])
    assert secrets.signing.startswith("whsk_")
    assert webhook.public_key is not None
    header = ed25519_signature((secrets.signing,), "msg_1", NOW, BODY)
    assert header.startswith("v1a,")
    assert verified(webhook.public_key, header, BODY)
    assert not verified(webhook.public_key, header, BODY + b" ")
    sent = call_of(webhook, secrets).call.headers["webhook-signature"]
    assert sent.startswith("v1a,")
    assert from_item(to_item(webhook)) == webhook


def test_a_seed_and_a_key_pair_sign_alike() -> None:
    _, secrets = saved(signatures=["standard-ed25519"])
    pair = base64.b64decode(secrets.signing.removeprefix("whsk_"))
    assert len(pair) == 64
    seed = "whsk_" + base64.b64encode(pair[:32]).decode()
    signed = ed25519_signature((seed,), "msg_1", NOW, BODY)
    assert signed == ed25519_signature((secrets.signing,), "msg_1", NOW, BODY)
    assert saved(signatures=["standard-ed25519"], secret=seed)[0].public_key is not None
