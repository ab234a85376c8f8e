"""Makes vectors.json: calls signed by their senders' own libraries (see README.md beside it)."""
# ruff: noqa: BLE001, DTZ001, PLC0415, PTH123, RUF012, SIM115, T201 - run once, by hand, elsewhere
# mypy: ignore-errors

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

AT = 1795348800
BODY = '{"type":"order.paid","id":"evt_1","text":"grüß dich","amount":19.90}'
URL = "https://hooks.example.com/in/acme/vendor?token=1"
VECTORS: dict[str, dict[str, Any]] = {}


def add(
    preset: str, library: str, how: str, headers: dict[str, str], body: str = BODY, **more: Any
) -> None:
    VECTORS[preset] = {
        "made_by": f"{library} {version(library)}: {how}",
        "headers": headers,
        "body": body,
        **more,
    }


def twilio() -> None:
    from twilio.request_validator import RequestValidator

    form = {"From": "+15017122661", "Body": "gr\u00fc\u00df dich", "To": "+15558675310"}
    validator = RequestValidator("12345-auth-token")
    signature = validator.compute_signature(URL, form)
    assert validator.validate(URL, form, signature)
    body = "To=%2B15558675310&From=%2B15017122661&Body=gr%C3%BC%C3%9F+dich"
    add(
        "twilio",
        "twilio",
        "RequestValidator.compute_signature",
        {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"},
        body,
        secrets=["12345-auth-token"],
    )


def sendgrid() -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from sendgrid.helpers.eventwebhook import EventWebhook

    key = ec.generate_private_key(ec.SECP256R1())
    public = base64.b64encode(
        key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).decode()
    body = '[{"email":"a@example.com","event":"delivered"}]\r\n'
    signature = base64.b64encode(
        key.sign((str(AT) + body).encode(), ec.ECDSA(hashes.SHA256()))
    ).decode()
    webhook = EventWebhook(public)
    assert webhook.verify_signature(
        body, signature, str(AT), webhook.convert_public_key_to_ecdsa(public)
    )
    add(
        "sendgrid",
        "sendgrid",
        "EventWebhook.verify_signature accepts it",
        {
            "x-twilio-email-event-webhook-signature": signature,
            "x-twilio-email-event-webhook-timestamp": str(AT),
        },
        body,
        key=public,
    )


def adyen() -> None:
    from Adyen.util import generate_notification_sig, is_valid_hmac_notification

    key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
    item = {
        "pspReference": "7914073381342284",
        "originalReference": "",
        "merchantAccountCode": "TestMerchant",
        "merchantReference": "TestPayment-1407325143704",
        "amount": {"value": 1130, "currency": "EUR"},
        "eventCode": "AUTHORISATION",
        "success": "true",
        "additionalData": {},
    }
    signature = generate_notification_sig(item, key)
    item["additionalData"] = {
        "hmacSignature": signature.decode() if isinstance(signature, bytes) else signature
    }
    document = {"live": "false", "notificationItems": [{"NotificationRequestItem": item}]}
    import copy

    assert is_valid_hmac_notification(copy.deepcopy(document), key)
    add("adyen", "Adyen", "util.generate_notification_sig", {}, json.dumps(document), secrets=[key])


def jira() -> None:
    from airflow_inbound_webhooks.sources import JiraSource

    body = (
        '{"webhookEvent":"jira:issue_created","text":"gr\u00fc\u00df dich","issue":{"key":"WEB-7"}}'
    )
    secret = "jira-secret-1"
    signature = f"sha256={hmac.digest(secret.encode(), body.encode(), 'sha256').hex()}"
    JiraSource().verify({"X-Hub-Signature": signature}, body.encode(), secret)
    library = "airflow-provider-inbound-webhooks"
    headers = {"x-hub-signature": signature}
    add("jira", library, "JiraSource.verify accepts it", headers, body, secrets=[secret])


def hubspot() -> None:
    from hubspot.utils.signature import Signature

    secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
    stamp = str(AT * 1000)
    signature = Signature.get_signature(
        secret, BODY, "v3", http_uri=URL, http_method="POST", timestamp=stamp
    )
    add(
        "hubspot",
        "hubspot-api-client",
        "Signature.get_signature v3",
        {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": stamp},
        secrets=[secret],
    )


def workos() -> None:
    import hashlib
    import hmac

    from workos.webhooks._verification import verify_header

    secret = "ws-secret-of-the-endpoint"
    signature = hmac.new(
        secret.encode(), f"{AT * 1000}.{BODY}".encode(), hashlib.sha256
    ).hexdigest()
    header = f"t={AT * 1000}, v1={signature}"
    verify_header(event_body=BODY.encode(), event_signature=header, secret=secret, tolerance=10**9)
    add(
        "workos",
        "workos",
        "verify_header accepts it",
        {"workos-signature": header},
        secrets=[secret],
    )


def square() -> None:
    import hashlib
    import hmac

    from square.utils.webhooks_helper import verify_signature

    key = "square-signature-key"
    signature = base64.b64encode(
        hmac.new(key.encode(), (URL + BODY).encode(), hashlib.sha256).digest()
    ).decode()
    assert verify_signature(
        request_body=BODY, signature_header=signature, signature_key=key, notification_url=URL
    )
    add(
        "square",
        "squareup",
        "utils.webhooks_helper.verify_signature accepts it",
        {"x-square-hmacsha256-signature": signature},
        secrets=[key],
    )


def paddle() -> None:
    import hashlib
    import hmac

    from paddle_billing.Notifications import Secret, Verifier

    key = "pdl_ntfset_01hkpjp"
    signature = hmac.new(key.encode(), f"{AT}:{BODY}".encode(), hashlib.sha256).hexdigest()
    header = f"ts={AT};h1={signature}"

    class Request:
        headers = {"Paddle-Signature": header}
        body = BODY.encode()
        content = BODY.encode()
        data = BODY.encode()

    assert Verifier(maximum_variance=10**9).verify(Request(), Secret(key), verify_time_drift=False)
    add(
        "paddle",
        "paddle-python-sdk",
        "Notifications.Verifier accepts it",
        {"paddle-signature": header},
        secrets=[key],
    )


def discord() -> None:
    from discord_interactions import verify_key
    from nacl.signing import SigningKey

    key = SigningKey(bytes(range(32)))
    signature = key.sign(f"{AT}{BODY}".encode()).signature.hex()
    public = key.verify_key.encode().hex()
    assert verify_key(BODY.encode(), signature, str(AT), public)
    add(
        "discord",
        "discord-interactions",
        "verify_key accepts it",
        {"x-signature-ed25519": signature, "x-signature-timestamp": str(AT)},
        key=public,
    )


def stripe() -> None:
    import stripe as library

    secret = "whsec_test_secret"
    signature = library.WebhookSignature._compute_signature(f"{AT}.{BODY}", secret)
    add(
        "stripe",
        "stripe",
        "WebhookSignature._compute_signature",
        {"stripe-signature": f"t={AT},v1={signature},v0={'0' * 64}"},
        secrets=[secret],
    )


def slack() -> None:
    from slack_sdk.signature import SignatureVerifier

    secret = "8f742231b10e8888abcd99yyyzzz85a5"
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(AT), body=BODY)
    add(
        "slack",
        "slack_sdk",
        "SignatureVerifier.generate_signature",
        {"x-slack-signature": str(signature), "x-slack-request-timestamp": str(AT)},
        secrets=[secret],
    )


def standard() -> None:
    from standardwebhooks.webhooks import Webhook
    from svix.webhooks import Webhook as Svix

    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(AT, UTC)
    signature = Webhook(secret).sign("msg_1", at, BODY)
    add(
        "standard-webhooks",
        "standardwebhooks",
        "Webhook.sign",
        {"webhook-id": "msg_1", "webhook-timestamp": str(AT), "webhook-signature": signature},
        secrets=[secret],
    )
    signature = Svix(secret).sign("msg_1", at, BODY)
    add(
        "svix",
        "svix",
        "Webhook.sign",
        {"svix-id": "msg_1", "svix-timestamp": str(AT), "svix-signature": signature},
        secrets=[secret],
    )


def certificate() -> None:
    """For make.mjs, which has sns-validator take it for Amazon's."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1))
        .not_valid_after(datetime(2099, 1, 1))
        .sign(key, hashes.SHA256())
    )
    open("cert.pem", "wb").write(made.public_bytes(serialization.Encoding.PEM))
    open("key.pem", "wb").write(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )


for make in (
    certificate,
    workos,
    twilio,
    sendgrid,
    adyen,
    hubspot,
    jira,
    square,
    paddle,
    discord,
    stripe,
    slack,
    standard,
):
    try:
        make()
    except Exception as error:
        print(make.__name__, type(error).__name__, error)
print(sorted(VECTORS))
json.dump(VECTORS, open("py.json", "w"), indent=1, ensure_ascii=False, sort_keys=True)
