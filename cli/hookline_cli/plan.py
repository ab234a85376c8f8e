"""Configuration as code: the steps from what stands to what a file says.

What the file does not say of a thing is left as it is. Secrets cannot be compared, so they are sent
when a thing is made, when its url moves to another origin, and when that is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from hookline_cli.client import Client
from hookline_cli.errors import UsageError
from hookline_cli.standing import KINDS, Kind, Standing
from hookline_cli.variables import filled, shown, variable_in, variables_in

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as the file says."""

    path: str
    now: Any
    wanted: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is to be made, changed or deleted."""

    action: str
    kind: Kind
    name: str
    differences: tuple[Difference, ...] = ()
    wanted: Mapping[str, Any] = field(default_factory=dict)
    stands: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        changes = [
            {"field": each.path, "now": each.now, "wanted": each.wanted}
            for each in self.differences
        ]
        return {
            "action": self.action,
            "kind": self.kind.name,
            "name": self.name,
            "changes": changes,
        }


def read(document: Mapping[str, Any], standing: Standing) -> dict[str, list[dict[str, Any]]]:
    """A file's things by kind.

    Raises:
        UsageError: it has what no tenant has, or one name twice.
    """
    kinds = [kind.name for kind in KINDS]
    unknown = set(document) - set(kinds)
    if unknown:
        raise UsageError(
            f"no such kind: {', '.join(sorted(unknown))}; {', '.join(kinds)} are known"
        )
    things: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        given = document.get(kind.name) or []
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            raise UsageError(f"{kind.name} is a list of objects")
        for each in given:
            if not isinstance(each.get(kind.key), str):
                raise UsageError(f"one of {kind.name} has no {kind.key}")
            strange = set(each) - standing.known(kind)
            if strange:
                raise UsageError(
                    f"{kind.name} {each[kind.key]!r}: no such field: {', '.join(strange)}"
                )
        twice = [name for name, n in Counter(each[kind.key] for each in given).items() if n > 1]
        if twice:
            raise UsageError(f"{kind.name} {twice[0]!r} is there twice")
        things[kind.name] = given
    return things


def steps(
    things: Mapping[str, list[dict[str, Any]]], standing: Standing, *, prune: bool, secrets: bool
) -> Iterator[Step]:
    """What is to be done, in its order; nothing where all is as the file says."""
    for kind in KINDS:
        for wanted in things[kind.name]:
            name = wanted[kind.key]
            thing = standing.whole(kind, name)
            if thing is None:
                yield Step("create", kind, name, wanted=wanted)
                continue
            said = standing.in_words(kind, thing)
            resend = secrets or _moves(said.get("url"), wanted.get("url"))
            found = tuple(_compared(kind, wanted, said, standing, resend=resend))
            if found:
                yield Step("change", kind, name, found, wanted, thing)
    if prune:
        for kind in reversed(KINDS):
            mine = {each[kind.key] for each in things[kind.name]}
            for name in standing.names(kind):
                if name not in mine:
                    thing = standing.whole(kind, name) or {}
                    yield Step("delete", kind, name, stands=thing)


def body(
    step: Step, standing: Standing, client: Client, environ: Mapping[str, str]
) -> dict[str, Any]:
    """What is sent: all of a new thing, and of a standing one the fields that differ.

    Raises:
        UsageError: a secret is to be sent and its variable is not set.
    """
    if step.action == "create":
        return standing.with_ids(step.kind, filled(step.wanted, environ), client)
    changed = {each.path.partition(".")[0] for each in step.differences}
    sent: dict[str, Any] = {}
    for name in changed:
        wanted = filled(step.wanted[name], environ)
        if standing.is_open(step.kind, name):
            wanted = _in_place_of(step.stands.get(name), wanted)
        sent[name] = wanted
    return standing.with_ids(step.kind, sent, client)


def _in_place_of(now: Any, wanted: Any) -> Any:
    """The JSON Merge Patch to it: what is not mentioned would stay, null takes it away."""
    if not (isinstance(wanted, dict) and isinstance(now, dict)):
        return wanted
    kept = {name: _in_place_of(now.get(name), value) for name, value in wanted.items()}
    return dict.fromkeys(now) | kept


def unset(step: Step, environ: Mapping[str, str]) -> list[str]:
    """The variables that a step needs and the environment has not."""
    changed = {each.path.partition(".")[0] for each in step.differences}
    sent = step.wanted if step.action == "create" else {name: step.wanted[name] for name in changed}
    return [name for name in variables_in(sent) if not environ.get(name)]


def _compared(
    kind: Kind,
    wanted: Mapping[str, Any],
    said: Mapping[str, Any],
    standing: Standing,
    *,
    resend: bool,
) -> Iterator[Difference]:
    for name, value in wanted.items():
        exact = standing.is_open(kind, name)
        yield from _differences(name, value, said.get(name, _ABSENT), exact=exact, resend=resend)


def _differences(
    path: str, wanted: Any, now: Any, *, exact: bool, resend: bool
) -> Iterator[Difference]:
    variable = variable_in(wanted)
    if variable is not None:
        if resend or now in (None, _ABSENT, ""):
            yield Difference(path, None if now in (_ABSENT, "") else now, f"${variable}")
        return
    if isinstance(wanted, dict) and isinstance(now, dict):
        for name in {**wanted, **(now if exact else {})}:
            inner = wanted.get(name), now.get(name, _ABSENT)
            if name not in wanted and now[name] is None:
                continue
            yield from _differences(f"{path}.{name}", *inner, exact=exact, resend=resend)
        return
    if isinstance(wanted, list) and isinstance(now, list) and len(wanted) == len(now):
        for place, (want, have) in enumerate(zip(wanted, now, strict=True)):
            yield from _differences(f"{path}.{place}", want, have, exact=exact, resend=resend)
        return
    now = None if now is _ABSENT else now
    if wanted != now or isinstance(wanted, bool) != isinstance(now, bool):
        yield Difference(path, now, shown(wanted))


def _moves(now: str | None, wanted: str | None) -> bool:
    """Whether a url's origin changes: then the API asks for auth and secret headers again."""
    if now is None or wanted is None:
        return False
    return urlsplit(now)[:2] != urlsplit(wanted)[:2]
