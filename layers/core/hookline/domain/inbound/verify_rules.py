"""Reads a provider's ``verify`` as users write it: a preset's name, or one of the general forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hookline.domain.documents.kinds import Findings, below, none_of
from hookline.domain.documents.shape import Shape
from hookline.domain.inbound.presets import Preset, preset
from hookline.domain.inbound.schemes import DEFAULT_TOLERANCE_SECONDS
from hookline.domain.inbound.signatures import key_of
from hookline.domain.inbound.signed_content import parse
from hookline.domain.inbound.verify import Verify
from hookline.domain.inbound.verify_fields import (
    FORMS,
    SHORTEST_SECRET,
    content_problem,
    source_problem,
)
from hookline.domain.mask import MASK
from hookline.errors import Refused

_SINGLE = {"hmac": "secret", "token": "token", "basic": "password"}
"""What each form calls its one secret."""


def read_verify(
    document: object, findings: Findings, path: str, stored: Sequence[str] | None
) -> tuple[Verify, tuple[str, ...]]:
    """The verification, and its secrets in clear; notes what is wrong.

    ``stored`` are the current secrets: one sent as `MASK` keeps the one in its place.
    """
    if not isinstance(document, dict):
        findings.add(path, "is required" if document is None else "must be an object")
        return Verify(), ()
    kind = document.get("type")
    if not isinstance(kind, str) or kind not in FORMS:
        findings.add(below(path, "type"), none_of(FORMS))
        return Verify(), ()
    before = len(findings.errors)
    form = FORMS[kind].read(document, findings, path)
    values = {name: value for name, value in form.values.items() if value is not None}
    secrets = _secrets_of(kind, values, findings, path, stored)
    _check(kind, values, findings, path)
    if len(findings.errors) > before:
        return Verify(), secrets
    return Verify(_document(kind, values, secrets)), secrets


def _secrets_of(
    kind: str,
    values: dict[str, Any],
    findings: Findings,
    path: str,
    stored: Sequence[str] | None,
) -> tuple[str, ...]:
    single = _SINGLE.get(kind, "secret")
    one, several = values.pop(single, None), values.pop("secrets", None)
    if one is not None and several is not None:
        findings.add(below(path, single), "cannot be there together with secrets")
    given = several if several is not None else () if one is None else (one,)
    place = "secrets" if several is not None else single
    if not given and _needs_secret(kind) and not findings.touch(below(path, place)):
        findings.add(below(path, single), "is required")
    found: list[str] = []
    for index, text in enumerate(given):
        kept = stored[index] if stored is not None and index < len(stored) else None
        if text == MASK and kept is None:
            at = below(path, place) if several is None else below(below(path, place), index)
            findings.add(at, "has nothing stored that it could keep")
        found.append(kept if text == MASK and kept is not None else text)
    _check_keys(kind, values, found, findings, below(path, place))
    return tuple(found)


def _needs_secret(kind: str) -> bool:
    known = preset(kind)
    return "secret" in known.requires if known else kind in _SINGLE


def _check_keys(
    kind: str, values: Mapping[str, Any], secrets: Sequence[str], findings: Findings, path: str
) -> None:
    """Notes each secret that is no key for any of the schemes."""
    known = preset(kind)
    schemes: Sequence[Mapping[str, Any]] = known.schemes if known else (values,)
    ways = {each.get("key_encoding", "text") for each in schemes}
    for secret in secrets:
        keys = [key_of(secret, way) or b"" for way in ways]
        if secret == MASK or findings.touch(path) or any(len(k) >= SHORTEST_SECRET for k in keys):
            continue
        words = {"whsec": "whsec_ and the key in base64", "hex": "the key in hex"}
        way = min(ways)
        is_one = f", at least {SHORTEST_SECRET} bytes" if any(keys) else ""
        findings.add(path, f"must be {words.get(way, f'the key in {way}')}{is_one}")


def _check(kind: str, values: dict[str, Any], findings: Findings, path: str) -> None:
    known = preset(kind)
    if known is not None:
        _check_preset(known, values, findings, path)
    if kind in ("hmac", "token", "public_key"):
        places = [name for name in ("header", "query", "field") if name in values]
        if len(places) != 1 and not findings.touch(below(path, "header")):
            findings.add(below(path, "header"), "must be there, or query, and not both")
    if kind in ("hmac", "public_key"):
        _check_times(values, findings, path)
    if kind == "public_key":
        _check_key(values, findings, path)
    for place in values.get("expect") or {}:
        problem = source_problem(place)
        if problem:
            findings.add(below(below(path, "expect"), place), problem)


def _check_preset(known: Preset, values: dict[str, Any], findings: Findings, path: str) -> None:
    for name in known.requires:
        if name != "secret" and name not in values and not findings.touch(below(path, name)):
            findings.add(below(path, name), "is required")
    asked = {*known.requires, "secret", "expect", "tolerance_seconds", "on_mismatch", "type"}
    for name in values:
        if name not in asked:
            findings.add(below(path, name), "is not a known field")
    if "key" in known.requires and "key" in values:
        _check_key({**known.schemes[0], **values}, findings, path)


def _check_times(values: dict[str, Any], findings: Findings, path: str) -> None:
    if isinstance(values.get("timestamp"), Shape):
        values["timestamp"] = dict(values["timestamp"].values)
    text = values["signed_content"]
    content = None if content_problem(text) else parse(text)
    older = content is not None and content.timestamp_header is not None
    if "timestamp" not in values and not older:
        if "tolerance_seconds" in values:
            findings.add(below(path, "tolerance_seconds"), "needs a timestamp to be judged by")
        if content is not None and "timestamp" in content.placeholders:
            findings.add(below(path, "timestamp"), "must say where {timestamp} stands")
        return
    values.setdefault("tolerance_seconds", DEFAULT_TOLERANCE_SECONDS)
    place = str((values.get("timestamp") or {}).get("from", ""))
    kind, _, name = place.partition(":")
    signed = set() if content is None else content.placeholders & {"timestamp", kind}
    if content is not None and not older and not signed:
        findings.add(below(path, "timestamp"), f"must be signed: {name} is not in signed_content")


def _check_key(values: Mapping[str, Any], findings: Findings, path: str) -> None:
    # Imported here: cryptography is slow to load, and only the API checks keys.
    from hookline.domain.inbound.public_keys import public_key  # noqa: PLC0415

    key, url = values.get("key"), values.get("key_url")
    if (key is None) == (url is None):
        findings.add(below(path, "key"), "must be there, or key_url, and not both")
    elif url is not None and not values.get("key_hosts"):
        findings.add(below(path, "key_hosts"), "must name the hosts that key_url may lead to")
    elif key is not None and "algorithm" in values:
        try:
            public_key(key, values["algorithm"])
        except Refused as error:
            findings.add(below(path, "key"), error.detail)


def _document(kind: str, values: Mapping[str, Any], secrets: Sequence[str]) -> dict[str, Any]:
    """The document to store, its secrets masked."""
    plain = {name: _plain(value) for name, value in values.items()}
    if "header" in plain:
        plain["header"] = str(plain["header"]).lower()
    if len(secrets) == 1:
        plain[_SINGLE.get(kind, "secret")] = MASK
    elif secrets:
        plain["secrets"] = [MASK] * len(secrets)
    return {"type": kind, **{name: value for name, value in plain.items() if name != "type"}}


def _plain(value: object) -> object:
    if isinstance(value, Shape):
        return {name: _plain(part) for name, part in value.values.items() if part is not None}
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
