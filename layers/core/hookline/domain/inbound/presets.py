"""How well-known systems sign, challenge and name things: data files over the general forms.

A preset is `catalogue/providers/<name>.json`; a new one needs no code. Its fields:

- ``title``, ``docs`` (the sender's own page), ``setup`` (what to do on their side);
- ``schemes``: general forms (`hookline.domain.inbound.schemes`), of which one has to pass; ``like``
  takes everything else from another preset;
- ``requires``: what a user has to give, ``["secret"]`` by default;
- ``challenges``, ``respond``, ``on_mismatch``: defaults for what users may set;
- ``confirm``: a url in the call that is fetched once, from these hosts alone;
- ``id``, ``event_type``: where the sender names the delivery and its type;
- ``forward_headers``: further headers that a `forward` passes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hookline.domain.inbound.answers import Challenge, Respond, challenge_of, respond_of
from hookline.domain.inbound.schemes import Scheme, scheme_of
from hookline.domain.inbound.sources import Source, source_of

_FOLDER = Path(__file__).parent / "providers"


@dataclass(frozen=True, slots=True)
class Confirm:
    """A call that asks for a url of the sender's to be fetched (Amazon SNS)."""

    when: str
    url: Source
    hosts: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One data file."""

    name: str
    title: str
    docs: str
    setup: str
    schemes: tuple[Mapping[str, Any], ...]
    requires: tuple[str, ...]
    challenges: tuple[Challenge, ...]
    respond: Respond | None
    on_mismatch: str
    confirm: Confirm | None
    id: Source | None
    event_type: Source | None
    forward_headers: tuple[str, ...]
    signs_body: bool

    def schemes_with(self, given: Mapping[str, Any]) -> tuple[Scheme, ...]:
        """Its schemes, with what a user gives filled in: a key, a name, a tolerance."""
        return tuple(scheme_of({**scheme, **given}) for scheme in self.schemes)


@cache
def preset_names() -> tuple[str, ...]:
    """The names of all presets."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def preset(name: str) -> Preset | None:
    """The preset of this name; read once."""
    return preset_of(name, _document(name)) if name in preset_names() else None


def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    like = document.get("like")
    return {**_document(like), **document} if like else document


def preset_of(name: str, document: Mapping[str, Any]) -> Preset:
    """The preset in a data file's document."""
    respond, confirm = document.get("respond"), document.get("confirm")
    return Preset(
        name=name,
        title=document["title"],
        docs=document["docs"],
        setup=document["setup"],
        schemes=tuple(document["schemes"]),
        requires=tuple(document.get("requires", ("secret",))),
        challenges=tuple(challenge_of(each) for each in document.get("challenges", ())),
        respond=respond_of(respond) if respond else None,
        on_mismatch=document.get("on_mismatch", "pass"),
        confirm=_confirm(confirm) if confirm else None,
        id=_source(document.get("id")),
        event_type=_source(document.get("event_type")),
        forward_headers=tuple(document.get("forward_headers", ())),
        signs_body=document.get("signs_body", True),
    )


def _confirm(document: Mapping[str, Any]) -> Confirm:
    hosts = tuple(document["hosts"])
    return Confirm(document["when"], source_of(document["url"]), hosts, document["note"])


def _source(text: str | None) -> Source | None:
    return None if text is None else source_of(text)
