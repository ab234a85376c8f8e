"""Tenants, principals, keys and rights, as they are read."""

from __future__ import annotations

from hookline.domain.documents.kinds import Choice
from hookline.domain.identity.fields import LEVEL, PrincipalFields
from hookline_api.schemas.base import MOMENT, Answer, always, identifier, page_of, text

_WHO = text("root")


class Tenant(Answer):
    """A tenant."""

    id = always(text("acme"), "Its id.")
    name = always(text("Acme"), "Its name.")
    created_at = always(MOMENT, "When it was made.")
    created_by = always(_WHO, "Who made it.")
    updated_at = always(MOMENT, "When it last changed.")


TenantPage = page_of("TenantPage", Tenant, "Tenants, newest first.")


class Principal(PrincipalFields, Answer):
    """Somebody, or some program, that calls the API with keys of its own."""

    id = always(identifier("prn"), "Its id.")
    tenant = always(text("acme"), "The tenant it belongs to.")
    created_at = always(MOMENT, "When it was made.")
    created_by = always(_WHO, "Who made it.")
    updated_at = always(MOMENT, "When it, or its keys, last changed.")


PrincipalPage = page_of("PrincipalPage", Principal, "Principals, newest first.")


class Key(Answer):
    """A key, without its text."""

    id = always(identifier("key"), "Its id, which its text holds too.")
    created_at = always(MOMENT, "When it was issued.")
    expires_at = always(MOMENT, "From when on it does not work.", nullable=True)
    last_used_at = always(MOMENT, "Noted once a day.", nullable=True)


class NewKey(Key):
    """A key with its text, shown this once."""

    key = always(text("hl_key_<26 characters>_<49 characters>"), "What to call with.")


KeyPage = page_of("KeyPage", Key, "A principal's keys that were not revoked, newest first.")


class Right(Answer):
    """Somebody's level on the webhook, and where it comes from."""

    principal_id = always(identifier("prn"), "Whose level it is.")
    name = always(text("shop backend"), "The principal's name.")
    level = always(LEVEL, "The level that counts.")
    via = always(
        Choice("webhook", "default", "tenant", "global"),
        "Its own on the webhook, its default for webhooks, its level in the tenant, or as a"
        " global admin.",
    )


RightPage = page_of(
    "RightPage",
    Right,
    "Who may do something with the webhook; a page may hold fewer than its limit and go on.",
)
