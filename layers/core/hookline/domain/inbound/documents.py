"""Providers and functions as the documents that users read and edit by merge patches."""

from __future__ import annotations

from collections.abc import Mapping

from hookline.domain.documents.merge_patch import edited
from hookline.domain.inbound.function import Action, Forward, Function, Invoke, Publish
from hookline.domain.inbound.provider import (
    Match,
    MatchExpression,
    MatchFunction,
    Provider,
    ProviderSecrets,
)
from hookline.domain.times import iso

type Document = dict[str, object]

READ_ONLY = frozenset(
    {"id", "tenant", "version", "created_at", "created_by", "updated_at", "updated_by"}
)
READ_ONLY_OF_PROVIDER = READ_ONLY | {"sequence"}
"""What an answer has besides the fields that can be set."""


def provider_document(provider: Provider, sequence: int) -> Document:
    """The provider at its place in the sequence, counted from 1; secrets masked."""
    return {
        "id": provider.id,
        "tenant": provider.tenant,
        "sequence": sequence,
        "name": provider.name,
        "description": provider.description,
        "active": provider.active,
        "match": match_document(provider.match),
        "verify": dict(provider.verify.document),
        "challenges": [dict(each) for each in provider.challenges],
        "respond": None if provider.respond is None else dict(provider.respond),
        "mode": provider.mode,
        "properties": dict(provider.properties),
        **_stamps(provider),
    }


def function_document(function: Function) -> Document:
    """The function."""
    return {
        "id": function.id,
        "tenant": function.tenant,
        "provider_id": function.provider_id,
        "uri": function.uri,
        "name": function.name,
        "description": function.description,
        "active": function.active,
        "when": function.when,
        "each": function.each,
        "log_message": function.log_message,
        "action": action_document(function.action),
        **_stamps(function),
    }


def match_document(match: Match) -> Document:
    """``{expression}`` or ``{function_arn}``."""
    match match:
        case MatchExpression(expression):
            return {"expression": expression}
        case MatchFunction(function_arn):
            return {"function_arn": function_arn}


def action_document(action: Action) -> Document:
    """``{type, …}``."""
    match action:
        case Publish(event):
            return {"type": "publish", "event": dict(event)}
        case Invoke(function_arn):
            return {"type": "invoke", "function_arn": function_arn}
        case Forward(webhook_id, headers):
            chosen = {"headers": list(headers)} if headers else {}
            return {"type": "forward", "webhook_id": webhook_id, **chosen}


def patched(document: Document, patch: Mapping[str, object]) -> Document:
    """The document after a merge patch, for the rules of providers or functions to read.

    A ``verify``, ``action`` or ``match`` of another kind replaces the old one as a whole.
    """
    return edited(
        {name: value for name, value in document.items() if name not in READ_ONLY_OF_PROVIDER},
        patch,
        standing={name: document[name] for name in document.keys() & READ_ONLY_OF_PROVIDER},
        parts={"verify", "action", "match"},
    )


def patched_provider(
    provider: Provider, sequence: int, patch: Mapping[str, object], stored: ProviderSecrets
) -> Document:
    """`patched`, with those secret properties in clear that the patch reaches into.

    They are masked as a whole, and a mask has no fields to merge with.
    """
    document = provider_document(provider, sequence)
    changes = patch.get("properties")
    if isinstance(changes, dict):
        reached = {
            name: secret
            for name, secret in stored.properties.items()
            if isinstance(changes.get(name), dict)
        }
        document["properties"] = {**provider.properties, **reached}
    return patched(document, patch)


def _stamps(of: Provider | Function) -> Document:
    return {
        "version": of.version,
        "created_at": iso(of.created_at),
        "created_by": of.created_by,
        "updated_at": iso(of.updated_at),
        "updated_by": of.updated_by,
    }
