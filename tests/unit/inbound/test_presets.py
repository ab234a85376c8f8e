"""Every preset: taken with its sender's own signature, refused once one byte differs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from hookline.domain.inbound.message import RETENTION
from hookline.domain.inbound.presets import preset, preset_names
from hookline.domain.inbound.schemes import Basic, Jwt, Token
from hookline.domain.inbound.signatures import NotVerified, Verified
from hookline.domain.inbound.verify import Verify
from tests.unit.inbound.senders import ALL, AT, SECRET, Signed

LIKE_SVIX = {name for name in preset_names() if preset(name) and "svix-id" in str(preset(name))}


def _is_signature(signed: Signed) -> bool:
    schemes = Verify({"type": signed.preset, **signed.verify}).schemes
    by_token = "x-gitlab-token" in signed.call.headers
    return not by_token and not all(isinstance(each, Token | Basic | Jwt) for each in schemes)


SIGNED = [each for each in ALL if _is_signature(each)]
_ids = [f"{each.preset}-{number}" for number, each in enumerate(ALL)]


def test_every_preset_is_tried_here() -> None:
    assert {each.preset for each in ALL} | LIKE_SVIX == set(preset_names())


@pytest.mark.parametrize("signed", ALL, ids=_ids)
def test_what_its_sender_signed_is_verified(signed: Signed) -> None:
    verdict = signed.judged()
    assert isinstance(verdict, Verified), verdict


@pytest.mark.parametrize("name", sorted(LIKE_SVIX))
def test_those_who_send_by_svix_are_known_by_name(name: str) -> None:
    (svix,) = [each for each in ALL if each.preset == "svix"]
    (unbranded,) = [each for each in ALL if each.preset == "standard-webhooks"]
    for signed in (svix, unbranded):
        assert isinstance(replace(signed, preset=name).judged(), Verified)


@pytest.mark.parametrize("signed", SIGNED, ids=[each.preset for each in SIGNED])
def test_one_byte_more_or_other_in_the_body_is_refused(signed: Signed) -> None:
    known = preset(signed.preset)
    assert known is not None
    if not known.signs_body:
        pytest.skip("its sender signs fields of the body alone")
    body = signed.call.body
    if signed.preset == "aws-sns":  # its fields are signed, the text they stand in is not
        assert isinstance(signed.judged(body=body.replace(b"17", b"18")), NotVerified) or (
            b"17" not in body
        )
        assert isinstance(signed.judged(body=body.replace(b"orders", b"others")), NotVerified)
        return
    for at in (0, len(body) // 2, len(body) - 1):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert isinstance(signed.judged(body=changed), NotVerified), at
    if signed.preset != "twilio":  # a form's pairs are signed, and this adds none
        assert isinstance(signed.judged(body=body + b"\n"), NotVerified)


@pytest.mark.parametrize("signed", SIGNED, ids=[each.preset for each in SIGNED])
def test_one_character_other_in_the_signature_is_refused(signed: Signed) -> None:
    for name, value in signed.call.headers.items():
        if "sig" not in name and name not in ("authorization", "x-trello-webhook"):
            continue
        if "timestamp" in name or name == "x-docusign-signature-1":
            continue
        at = len(value) - 8 if name != "stripe-signature" else value.index("v1=") + 8
        other = "1" if value[at] != "1" else "2"
        headers = {**signed.call.headers, name: value[:at] + other + value[at + 1 :]}
        assert isinstance(signed.judged(headers=headers), NotVerified), name


@pytest.mark.parametrize("signed", ALL, ids=_ids)
def test_another_secret_or_none_of_its_headers_is_refused(signed: Signed) -> None:
    others = tuple(each[:-2] + ("AB" if each.endswith("CD") else "CD") for each in signed.secrets)
    if signed.secrets:
        assert isinstance(signed.judged(secrets=others), NotVerified)
        assert isinstance(signed.judged(secrets=()), NotVerified)
    assert isinstance(signed.judged(headers={}, query={}, body=b"{}"), NotVerified)


TIMED = [each for each in SIGNED if isinstance(each.judged(), Verified) and each.judged().signature]  # type: ignore[union-attr] # verified


@pytest.mark.parametrize("signed", TIMED, ids=[each.preset for each in TIMED])
def test_where_a_time_is_signed_it_counts_and_a_replay_can_be_told(signed: Signed) -> None:
    verdict = signed.judged()
    assert isinstance(verdict, Verified)
    assert verdict.signature is not None
    assert verdict.signature.until > AT + RETENTION
    late = signed.judged(at=AT + timedelta(hours=2))
    assert isinstance(late, NotVerified)
    assert "off" in late.reason


def test_senders_that_sign_a_time_are_all_known_to() -> None:
    assert {each.preset for each in TIMED} == {
        *(
            "aws-sns",
            "calendly",
            "discord",
            "gitlab",
            "hubspot",
            "linear",
            "mailgun",
            "paddle",
            "sendgrid",
        ),
        *("slack", "standard-webhooks", "stripe", "svix", "twitch", "workos", "zendesk", "zoom"),
    }


def test_a_certificate_is_fetched_from_the_senders_own_hosts_alone() -> None:
    (signed,) = [each for each in ALL if each.preset == "paypal"]
    for url in (
        "https://api.paypal.com.evil.example/cert",
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://user@api.paypal.com/cert",
        "https://api.paypal.com:8443/cert",
        "not an address",
    ):
        published = {**signed.published, url: next(iter(signed.published.values()))}
        headers = {**signed.call.headers, "paypal-cert-url": url}
        elsewhere = replace(signed, published=published).judged(headers=headers)
        assert elsewhere == NotVerified("the key's address is none of the sender's own")


def test_sns_of_another_topic_is_refused_however_well_it_is_signed() -> None:
    for signed in (each for each in ALL if each.preset == "aws-sns"):
        other = {"expect": {"body:TopicArn": "arn:aws:sns:eu-west-1:123456789012:mine"}}
        assert signed.judged(verify=other) == NotVerified("body:TopicArn is not what is expected")


def test_a_second_item_that_nobody_signed_is_refused() -> None:
    (signed,) = [each for each in ALL if each.preset == "adyen"]
    document = json.loads(signed.call.body)
    document["notificationItems"].append(
        {"NotificationRequestItem": {"eventCode": "REFUND", "success": "true"}}
    )
    assert isinstance(signed.judged(body=json.dumps(document).encode()), NotVerified)


def test_every_notification_of_graph_has_to_hold_the_secret() -> None:
    (signed,) = [each for each in ALL if each.preset == "microsoft-graph"]
    body = json.dumps({"value": [{"clientState": SECRET}, {"clientState": "guessed"}]})
    assert isinstance(signed.judged(body=body.encode()), NotVerified)


@pytest.mark.parametrize("name", preset_names())
def test_each_preset_says_what_to_do_on_its_senders_side(name: str) -> None:
    known = preset(name)
    assert known is not None
    assert known.title
    assert known.docs.startswith("https://")
    assert len(known.setup) > 20
