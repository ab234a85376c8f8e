"""Standard Webhooks v1 (standardwebhooks.com) and the older hex headers: signing, and checking."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

_HEX = (("-signature-256", "sha256"), ("-signature", "sha1"))


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One entry of `webhook-signature`.

    Raises:
        ValueError: the secret is not `whsec_` and base64.
    """
    if not secret.startswith("whsec_"):
        raise ValueError("a secret is `whsec_` and base64")
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as failure:
        raise ValueError(f"a secret is `whsec_` and base64: {failure}") from failure
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()


def fault(
    secret: str, headers: Mapping[str, str], body: bytes, now: float, tolerance_seconds: float
) -> str | None:
    """Why a call is not one signed with the secret; None where it is.

    Headers are by lower-case name. A call without `webhook-signature` is judged by its hex
    signature of the body, `…-signature-256` before `…-signature`.

    Raises:
        ValueError: the secret is none.
    """
    given = headers.get("webhook-signature")
    if given is None:
        return _hex_fault(secret, headers, body)
    message_id, sent_at = headers.get("webhook-id"), headers.get("webhook-timestamp", "")
    if message_id is None or not (sent_at.isascii() and sent_at.isdecimal()):
        return "webhook-id or webhook-timestamp is missing, or the timestamp is no number"
    expected = signature(secret, message_id, int(sent_at), body)
    if not any(_same(expected, each) for each in given.split()):
        return "no signature matches: another secret, or not the bytes that were sent"
    off = abs(now - int(sent_at))
    if off > tolerance_seconds:
        return (
            f"the signature is right, but {off:.0f} s off the clock: {tolerance_seconds:.0f} may be"
        )
    return None


def signed_anew(
    recorded: Mapping[str, str], body: bytes, secrets: Sequence[str], timestamp: int
) -> dict[str, str]:
    """The headers of a call whose signatures the log masks, with signatures by these secrets.

    Headers are by lower-case name. As Hookline signs: every secret's in `webhook-signature`, the
    current one first; the hex signatures, which hold one, with the last, which is the previous.
    """
    message_id = recorded.get("webhook-id", "")
    signed = [signature(each, message_id, timestamp, body) for each in secrets]
    made = {"webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signed)}
    prefix = next(
        (n.removesuffix("-delivery-id") for n in recorded if n.endswith("-delivery-id")), ""
    )
    for ending, algorithm in _HEX:
        if prefix + ending in recorded:
            made[prefix + ending] = hmac.digest(secrets[-1].encode(), body, algorithm).hex()
    return {name: text for name, text in recorded.items() if not _is_signature(name)} | made


def _is_signature(header: str) -> bool:
    return any(header.endswith(ending) for ending, _ in _HEX)


def _hex_fault(secret: str, headers: Mapping[str, str], body: bytes) -> str | None:
    for ending, algorithm in _HEX:
        for name, value in headers.items():
            if name.endswith(ending):
                digest = hmac.digest(secret.encode(), body, algorithm).hex()
                prefixed = value.removeprefix(f"{algorithm}=")
                return None if _same(digest, prefixed) else f"{name} does not match"
    return "there is no signature among the headers"


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())
