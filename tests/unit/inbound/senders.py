"""Calls as senders sign them: by their own libraries, or by hand where there is none."""

from __future__ import annotations

import base64
import hmac
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook

from hookline.domain.inbound.message import Call
from hookline.domain.inbound.signatures import Arrival, Verdict
from hookline.domain.inbound.verify import Verify
from hookline.errors import Unavailable
from tests.inbound_builders import a_call

AT = datetime.fromtimestamp(1_795_348_800, UTC)
SECONDS, MILLIS = "1795348800", "1795348800000"
BODY = '{"type":"order.paid","id":"evt_1","text":"grüß dich","amount":19.90}'.encode()
URL = "https://hooks.example.com/in/acme/vendor?token=1"
SECRET = "s3cret-of-theirs"
_VECTORS = Path(__file__).parents[2] / "vectors" / "senders" / "vectors.json"


@dataclass(frozen=True)
class Signed:
    """A call that its preset takes; ``published`` is what can be fetched."""

    preset: str
    made_by: str
    call: Call
    secrets: tuple[str, ...] = ()
    verify: Mapping[str, object] = field(default_factory=dict)
    published: Mapping[str, str] = field(default_factory=dict)

    def judged(self, at: datetime = AT, **changes: Any) -> Verdict:
        secrets: Sequence[str] = changes.pop("secrets", self.secrets)
        verify = Verify({"type": self.preset, **self.verify, **changes.pop("verify", {})})
        return verify.judge(secrets, Arrival(replace(self.call, **changes), at, self._fetch))

    def _fetch(self, url: str, hosts: Sequence[str], /, *, anew: bool = False) -> bytes:
        if url not in self.published:
            raise Unavailable(url)
        return self.published[url].encode()


def by_libraries() -> list[Signed]:
    """Those of the vectors."""
    found = []
    for name, vector in json.loads(_VECTORS.read_text(encoding="utf-8")).items():
        call = a_call(url=URL, body=vector["body"].encode(), headers=_json(vector["headers"]))
        verify = {key: vector[key] for key in ("key", "expect") if key in vector}
        preset = name.removesuffix("-confirmation")
        secrets = tuple(vector.get("secrets", ()))
        made_by, published = vector["made_by"], vector.get("published", {})
        found.append(Signed(preset, made_by, call, secrets, verify, published))
    return found


def by_hand() -> list[Signed]:
    """As the senders' own pages say it."""
    return [
        _signed("bitbucket", {"x-hub-signature": f"sha256={_hex(BODY)}"}),
        _signed("meta", {"x-hub-signature-256": f"sha256={_hex(BODY)}"}),
        _signed("intercom", {"x-hub-signature": f"sha1={_hex(BODY, 'sha1')}"}),
        _signed("terraform-cloud", {"x-tfe-notification-signature": _hex(BODY, "sha512")}),
        _signed("dropbox", {"x-dropbox-signature": _hex(BODY)}),
        _signed("asana", {"x-hook-signature": _hex(BODY)}),
        _signed("xero", {"x-xero-signature": _base64(BODY)}),
        _signed(
            "docusign", {"x-docusign-signature-1": "bm8=", "x-docusign-signature-2": _base64(BODY)}
        ),
        _signed("typeform", {"typeform-signature": f"sha256={_base64(BODY)}"}),
        _signed("x", {"x-twitter-webhooks-signature": f"sha256={_base64(BODY)}"}),
        _signed("trello", {"x-trello-webhook": _base64(BODY + URL.encode(), "sha1")}),
        _signed("pagerduty", {"x-pagerduty-signature": f"v1={'0' * 64},v1={_hex(BODY)}"}),
        _calendly(),
        _zendesk(),
        _mailgun(),
        _twitch(),
        _teams(),
        _paypal(),
        _signed("telegram", {"x-telegram-bot-api-secret-token": SECRET}),
        _signed("okta", {"authorization": SECRET}),
        _signed("gitlab", {"x-gitlab-token": SECRET}),
        _signed("cloudevents", {"authorization": f"Bearer {SECRET}"}),
        replace(_signed("event-grid", {}), call=a_call(query={"code": (SECRET,)}, body=BODY)),
        *(
            replace(_signed(name, {}), call=a_call(query={"token": (SECRET,)}, body=BODY))
            for name in ("monday", "mailchimp", "strava", "ebay")
        ),
        _basic("azure-devops"),
        _basic("servicenow"),
        _graph(),
    ]


def _signed(preset: str, headers: dict[str, str]) -> Signed:
    call = a_call(url=URL, body=BODY, headers=_json(headers))
    return Signed(preset, "its documentation", call, (SECRET,))


def _calendly() -> Signed:
    signature = _hex(f"{SECONDS}.".encode() + BODY)
    return _signed("calendly", {"calendly-webhook-signature": f"t={SECONDS},v1={signature}"})


def _zendesk() -> Signed:
    stamp = "2026-11-22T12:00:00Z"
    headers = {
        "x-zendesk-webhook-signature": _base64(stamp.encode() + BODY),
        "x-zendesk-webhook-signature-timestamp": stamp,
    }
    return _signed("zendesk", headers)


def _mailgun() -> Signed:
    signature = _hex(f"{SECONDS}t0ken".encode())
    fields = {"timestamp": SECONDS, "token": "t0ken", "signature": signature}
    body = json.dumps({"signature": fields, "event-data": {"event": "opened", "id": "e"}})
    return replace(_signed("mailgun", {}), call=a_call(body=body.encode()))


def _twitch() -> Signed:
    stamp = "2026-11-22T12:00:00.123456789Z"[:23] + "Z"
    headers = {
        "twitch-eventsub-message-id": "m-1",
        "twitch-eventsub-message-timestamp": stamp,
        "twitch-eventsub-message-signature": f"sha256={_hex(f'm-1{stamp}'.encode() + BODY)}",
    }
    return _signed("twitch", headers)


def _teams() -> Signed:
    secret = base64.b64encode(b"a key of bytes").decode()
    digest = hmac.digest(b"a key of bytes", BODY, "sha256")
    headers = {"authorization": f"HMAC {base64.b64encode(digest).decode()}"}
    return replace(_signed("microsoft-teams", headers), secrets=(secret,))


def _basic(preset: str) -> Signed:
    credentials = base64.b64encode(f"hooks:{SECRET}".encode()).decode()
    return replace(
        _signed(preset, {"authorization": f"Basic {credentials}"}), verify={"username": "hooks"}
    )


def _graph() -> Signed:
    body = json.dumps({"value": [{"clientState": SECRET}, {"clientState": SECRET}]})
    return replace(_signed("microsoft-graph", {}), call=a_call(body=body.encode()))


def _paypal() -> Signed:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    url = "https://api.paypal.com/v1/notifications/certs/CERT-1"
    content = f"t-1|2026-11-22T12:00:00Z|WH-1|{zlib.crc32(BODY)}".encode()
    headers = {
        "paypal-transmission-id": "t-1",
        "paypal-transmission-time": "2026-11-22T12:00:00Z",
        "paypal-cert-url": url,
        "paypal-transmission-sig": base64.b64encode(
            key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        ).decode(),
    }
    signed = _signed("paypal", headers)
    return replace(signed, secrets=("WH-1",), published={url: certificate(key)})


def certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a sender")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _hex(content: bytes, algorithm: str = "sha256") -> str:
    return hmac.digest(SECRET.encode(), content, algorithm).hex()


def _base64(content: bytes, algorithm: str = "sha256") -> str:
    return base64.b64encode(hmac.digest(SECRET.encode(), content, algorithm)).decode()


def _json(headers: Mapping[str, str]) -> dict[str, str]:
    return {"content-type": "application/json", **headers}


def _gitlab() -> Signed:
    """With a signing token: GitLab's own test server verifies it by this very library.

    https://gitlab.com/gitlab-org/gitlab/-/merge_requests/230944; the id is the Idempotency-Key.
    """
    secret, name = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=", "f5e5f430-f57b-4e6e"
    headers = {
        "x-gitlab-event": "Push Hook",
        "idempotency-key": name,
        "webhook-id": name,
        "webhook-timestamp": SECONDS,
        "webhook-signature": Webhook(secret).sign(name, AT, BODY.decode()),
    }
    made_by = "standardwebhooks: Webhook.sign"
    return replace(_signed("gitlab", headers), made_by=made_by, secrets=(secret,))


ALL: Sequence[Signed] = [*by_libraries(), _gitlab(), *by_hand()]
