"""What a template can name: the event under its own names and those of the replaced systems.

Users of those systems bring templates along, which should work unchanged:

- Unleash: ``event.createdBy``, ``event.createdAt``, ``event.featureName``, ``event.preData`` …
- Izanami: ``payload.active``, ``metadata.user``, ``details.name``, ``id`` (the feature's), ``_id``
- Etlworks: ``eventId``, ``eventType``, ``webhookId``, ``entityId``, ``entityUrl``,
  ``timestampMillis`` …

All of it is plain data. What the event does not have is absent and prints as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from hookline.domain.documents import strict_json
from hookline.domain.event.event import Event, event_document, with_activation
from hookline.domain.times import epoch_millis, iso
from hookline.domain.webhook.formats import Format

_OURS = Format("hookline")
_DELETED = "FEATURE_DELETED"
"""The Izanami type whose payload is only the feature's id."""


def template_context(
    event: Event,
    webhook: Mapping[str, object],
    *,
    include_entity: bool = True,
    activation: Mapping[str, object] | None = None,
    event_json: bool = True,
    format_: Format = _OURS,
) -> dict[str, object]:
    """The context: ``event``, ``webhook``, ``eventJson``, and the names of Izanami and Etlworks.

    ``webhook`` has id, name, context and user. ``event_json`` False saves printing an event that no
    template asks for. With another format than ours, the names of its body come first.
    """
    document = event_document(event)
    if not include_entity:
        document.pop("entity", None)
    if "feature" in document:
        document["feature"] = with_activation(document["feature"], activation)
    aliases = _present(_izanami_names(event, document) | _etlworks_names(event, document, webhook))
    # Also under the event's own names, except where they mean something else to users of Izanami:
    # `id` is the feature's, and the event's is `event.id`.
    own = {name: value for name, value in document.items() if name != "id"}
    context = (own | aliases) | {
        "event": document | _present(_unleash_names(event, document)),
        "webhook": _present(dict(webhook)),
    }
    if format_.body:
        return _named_as(format_, event, context, event_json=event_json)
    if event_json:
        context["eventJson"] = strict_json.dumps(document)
    return context


def format_body(format_: Format, event: Event, context: Mapping[str, object]) -> dict[str, object]:
    """The default body of a format, from the names of `template_context`."""
    body = format_.body_of(event.type, context)
    return {**body, "test": True} if event.test else body


def _named_as(
    format_: Format, event: Event, context: dict[str, object], *, event_json: bool
) -> dict[str, object]:
    body = format_body(format_, event, context)
    if format_.context != "event":
        named = context | body
        return named | {"eventJson": strict_json.dumps(body)} if event_json else named
    # A JSON string that holds the event's JSON, so that it can be used as a JSON value.
    text = {"eventJson": strict_json.dumps(strict_json.dumps(body))} if event_json else {}
    inner = context["event"]
    merged = {**inner, **body} if isinstance(inner, Mapping) else body
    return context | {"event": merged, "eventMarkdown": _sentence(format_, body)} | text


def _sentence(format_: Format, body: Mapping[str, object]) -> str:
    """What happened, in one line of Markdown."""
    kind = str(body.get("type"))
    done = format_.sentences.get(kind, f"caused {kind} of")
    place = "".join(
        f" in {word} *{body[name]}*"
        for name, word in (("environment", "environment"), ("project", "project"))
        if body.get(name)
    )
    return f"*{body.get('createdBy') or 'Somebody'}* {done} *{body.get('featureName')}*{place}"


def _unleash_names(event: Event, document: Mapping[str, object]) -> dict[str, object]:
    return {
        "createdBy": _author(event),
        "createdByUserId": event.actor.id if event.actor else None,
        "createdAt": iso(event.timestamp),
        "featureName": _feature(document).get("name") or event.entity_id,
        "preData": event.previous_data,
    }


def _izanami_names(event: Event, document: Mapping[str, object]) -> dict[str, object]:
    feature = _feature(document)
    feature_id = feature.get("id") or event.entity_id
    data = event.data if isinstance(event.data, Mapping) else {}
    named = _present({"name": feature.get("name") or data.get("name"), "project": event.project})
    return {
        "_id": event.id,
        "timestamp": iso(event.timestamp),
        "type": event.type,
        "id": feature_id,
        "metadata": {"user": _author(event)} if event.actor else None,
        "payload": feature_id if event.type == _DELETED else _izanami_payload(event, feature),
        "details": named or None,
    }


def _izanami_payload(event: Event, feature: Mapping[str, object]) -> object:
    if not feature:
        return event.data
    own = event.data if isinstance(event.data, Mapping) else {}
    known = {
        "id": feature.get("id"),
        "name": feature.get("name"),
        "project": event.project,
        "conditions": feature.get("strategies"),
        "previousConditions": feature.get("previous_strategies"),
    }
    # For a string or number result, a feature that is off is active: null, not absent.
    active = {"active": feature["active"]} if "active" in feature else {}
    return {**own, **_present(known), **active}


def _etlworks_names(
    event: Event, document: Mapping[str, object], webhook: Mapping[str, object]
) -> dict[str, object]:
    return {
        "eventId": event.id,
        "eventType": event.type,
        "webhookId": webhook.get("id"),
        "entityId": event.entity_id,
        "entityUrl": event.entity_url,
        "timestampMillis": epoch_millis(event.timestamp),
        "entity": document.get("entity"),
    }


def _author(event: Event) -> str | None:
    return (event.actor.name or event.actor.id) if event.actor else None


def _feature(document: Mapping[str, object]) -> Mapping[str, object]:
    feature = document.get("feature")
    return feature if isinstance(feature, Mapping) else {}


def _present(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
