"""Configuration as code: what a file says, what stands, and the steps from one to the other.

Things are known by name. What the file does not say of a thing is left as it is; which fields a
thing has is read from the API's own OpenAPI document. Secrets stand in a file as `{env: NAME}`:
they cannot be compared, so they are sent when a thing is made, when its url moves to another
origin, and when that is asked for.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from hookline_cli.client import Client
from hookline_cli.errors import UsageError

MASKED = "*****"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its name in a file, its list in the API, what it is known by."""

    name: str
    path: str
    key: str
    schema: str

    def at(self, thing: Mapping[str, Any]) -> str:
        """A thing's path."""
        return f"{self.path}/{quote(str(thing[self.key] if self.key == 'type' else thing['id']))}"


KINDS = (
    Kind("event_types", "/event-types", "type", "EventTypeInput"),
    Kind("webhooks", "/webhooks", "name", "WebhookInput"),
    Kind("providers", "/inbound/providers", "name", "ProviderInput"),
    Kind("functions", "/inbound/functions", "name", "FunctionInput"),
)
"""In the order in which they are made: functions name providers and webhooks."""


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


class Standing:
    """What a tenant has now, in the words of a file: names in place of ids."""

    def __init__(self, client: Client) -> None:
        self._client = client
        schemas = client.get("/v1/openapi.json")["components"]["schemas"]
        self._fields = {kind.name: dict(schemas[kind.schema]["properties"]) for kind in KINDS}
        self._listed = {kind.name: list(client.items(kind.path)) for kind in KINDS}
        self.providers = [each["name"] for each in self._listed["providers"]]

    def names(self, kind: Kind) -> list[str]:
        """What there is of a kind."""
        return [str(each[kind.key]) for each in self._listed[kind.name]]

    def whole(self, kind: Kind, name: str) -> dict[str, Any] | None:
        """A thing with everything that it is.

        Raises:
            UsageError: several have the name.
        """
        found = [each for each in self._listed[kind.name] if each[kind.key] == name]
        if len(found) > 1:
            raise UsageError(f"{len(found)} {kind.name} are called {name!r}: rename all but one")
        return self._client.get(kind.at(found[0])) if found else None

    def known(self, kind: Kind) -> set[str]:
        """The fields that a file may give a thing of a kind."""
        return {kind.key, *map(_named, self._fields[kind.name])}

    def is_open(self, kind: Kind, name: str) -> bool:
        """Whether a field holds whatever its user put there: then what is not said is to go."""
        return "$ref" not in json.dumps(self._fields[kind.name].get(name, {}))

    def in_words(self, kind: Kind, thing: Mapping[str, Any]) -> dict[str, Any]:
        """A thing as a file says it: without what only reads, ids by their names."""
        known = self.known(kind) - {"provider"}
        said = {name: value for name, value in thing.items() if name in known}
        if kind.name == "functions":
            said["provider"] = self._name_of("providers", thing["provider_id"])
            said["action"] = _renamed(said["action"], "webhook_id", "webhook", self._webhook)
        return {kind.key: said.pop(kind.key), **said}

    def with_ids(self, kind: Kind, wanted: Mapping[str, Any], client: Client) -> dict[str, Any]:
        """The API's own words: ids as they are by now, what was just made included."""
        document = dict(wanted)
        if "provider" in document:
            document["provider_id"] = _id_of(client, "/inbound/providers", document.pop("provider"))
        if isinstance(document.get("action"), dict):
            document["action"] = _renamed(
                document["action"],
                "webhook",
                "webhook_id",
                lambda name: _id_of(client, "/webhooks", name),
            )
        if kind.key == "type":
            document.pop("type", None)
        return document

    def _webhook(self, webhook: str) -> str:
        return self._name_of("webhooks", webhook)

    def _name_of(self, kind: str, thing_id: str) -> str:
        return next(
            (each["name"] for each in self._listed[kind] if each["id"] == thing_id), thing_id
        )


def read(document: Mapping[str, Any], standing: Standing) -> dict[str, list[dict[str, Any]]]:
    """A file's things by kind.

    Raises:
        UsageError: it has what no tenant has, or one name twice.
    """
    unknown = set(document) - {kind.name for kind in KINDS}
    if unknown:
        raise UsageError(f"no such kind: {', '.join(sorted(unknown))}; {_listed()} are known")
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
        return standing.with_ids(step.kind, _filled(step.wanted, environ), client)
    changed = {each.path.partition(".")[0] for each in step.differences}
    sent: dict[str, Any] = {}
    for name in changed:
        wanted = _filled(step.wanted[name], environ)
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
    return [name for name in _variables(sent) if not environ.get(name)]


def exported(standing: Standing) -> dict[str, list[dict[str, Any]]]:
    """All that a tenant has, as a file that `apply` takes. Secrets become names of variables."""
    document: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        found = [standing.whole(kind, name) for name in sorted(standing.names(kind))]
        if kind.name == "providers":
            found = [standing.whole(kind, name) for name in standing.providers]
        said = [standing.in_words(kind, each) for each in found if each]
        for each in said:
            each.pop("secret", None)
        document[kind.name] = [_without_secrets(each, [str(each[kind.key])]) for each in said]
    return {name: things for name, things in document.items() if things}


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
    variable = _variable(wanted)
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
        yield Difference(path, now, _shown(wanted))


def _variable(value: Any) -> str | None:
    return value["env"] if isinstance(value, dict) and [*value] == ["env"] else None


def _variables(value: Any) -> list[str]:
    variable = _variable(value)
    if variable is not None:
        return [variable]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [name for each in inside for name in _variables(each)]


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    variable = _variable(value)
    if variable is not None:
        if not environ.get(variable):
            raise UsageError(f"the variable {variable} is not set")
        return environ[variable]
    if isinstance(value, Mapping):
        return {name: _filled(each, environ) for name, each in value.items()}
    return [_filled(each, environ) for each in value] if isinstance(value, list) else value


def _shown(value: Any) -> Any:
    variable = _variable(value)
    if variable is not None:
        return f"${variable}"
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list) else value


def _without_secrets(value: Any, path: list[str]) -> Any:
    if value == MASKED:
        return {"env": re.sub(r"[^A-Z0-9]+", "_", "_".join(path).upper()).strip("_")}
    if isinstance(value, dict):
        return {name: _without_secrets(each, [*path, name]) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_secrets(each, [*path, str(n)]) for n, each in enumerate(value)]
    return value


def _moves(now: str | None, wanted: str | None) -> bool:
    """Whether a url's origin changes: then the API asks for auth and secret headers again."""
    if now is None or wanted is None:
        return False
    return urlsplit(now)[:2] != urlsplit(wanted)[:2]


def _named(name: str) -> str:
    return "provider" if name == "provider_id" else name


def _renamed(action: dict[str, Any], name: str, other: str, change: Any) -> dict[str, Any]:
    return {
        (other if each == name else each): change(value) if each == name else value
        for each, value in action.items()
    }


def _id_of(client: Client, path: str, name: str) -> str:
    found = next((each["id"] for each in client.items(path) if each["name"] == name), None)
    if found is None:
        raise UsageError(f"nothing at {path} is called {name!r}")
    return str(found)


def _listed() -> str:
    return ", ".join(kind.name for kind in KINDS)
