"""What a tenant has now, in the words of a configuration file: names in place of ids.

Things are known by name. Which fields a thing has is read from the API's own OpenAPI document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hookline_cli.client import Client
from hookline_cli.errors import UsageError
from hookline_cli.variables import without_secrets


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


def exported(standing: Standing) -> dict[str, list[dict[str, Any]]]:
    """All that a tenant has, as a file that `apply` takes. Secrets become names of variables."""
    document: dict[str, list[dict[str, Any]]] = {}
    variables: set[str] = set()
    for kind in KINDS:
        found = [standing.whole(kind, name) for name in sorted(standing.names(kind))]
        if kind.name == "providers":
            found = [standing.whole(kind, name) for name in standing.providers]
        said = [standing.in_words(kind, each) for each in found if each]
        for each in said:
            each.pop("secret", None)
        document[kind.name] = [
            without_secrets(each, [str(each[kind.key])], variables) for each in said
        ]
    return {name: things for name, things in document.items() if things}


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
