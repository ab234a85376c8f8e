"""Tenants, principals, keys and rights, as they are written and read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hookline_api.schemas.base import Answer, Input, Timestamp

LevelName = Literal["read", "write", "admin"]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class TenantInput(Input):
    """A new tenant."""

    id: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Given once: it stays taken when the tenant is deleted.",
        examples=["acme"],
    )
    name: Name | None = Field(default=None, description="The id where none is given.")


class TenantPatch(Input):
    """What of a tenant can change."""

    name: Name | None = None


class Tenant(Answer):
    """A tenant."""

    id: str
    name: str
    created_at: Timestamp
    created_by: str
    updated_at: Timestamp


class TenantPage(Answer):
    """Tenants, newest first."""

    items: list[Tenant]
    next_cursor: str | None


class PrincipalPatch(Input):
    """What of a principal can change; null takes a level away."""

    name: Name | None = None
    level: LevelName | None = Field(default=None, description="In the tenant itself.")
    default_webhook_level: LevelName | None = Field(
        default=None, description="On webhooks it has no level of its own on."
    )
    global_admin: bool | None = Field(
        default=None, description="Admin of all tenants; only global admins make global admins."
    )


class PrincipalInput(PrincipalPatch):
    """A new principal."""

    name: Name


class Principal(Answer):
    """Somebody, or some program, that calls the API with keys of its own."""

    id: str
    tenant: str
    name: str
    level: LevelName | None
    default_webhook_level: LevelName | None
    global_admin: bool
    created_at: Timestamp
    created_by: str
    updated_at: Timestamp


class PrincipalPage(Answer):
    """Principals, newest first."""

    items: list[Principal]
    next_cursor: str | None


class KeyInput(Input):
    """A new key."""

    expires_at: Timestamp | None = Field(
        default=None, description="From then on it does not work; it never expires without."
    )


class Key(Answer):
    """A key, without its text."""

    id: str
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None = Field(description="Noted once a day.")


class NewKey(Key):
    """A key with its text, shown this once."""

    key: str = Field(examples=["hl_key_<26 characters>_<49 characters>"])


class KeyPage(Answer):
    """A principal's keys that were not revoked, newest first."""

    items: list[Key]
    next_cursor: str | None


class RightInput(Input):
    """A level on one webhook."""

    level: LevelName


class Right(Answer):
    """Somebody's level on the webhook, and where it comes from."""

    principal_id: str
    name: str
    level: LevelName
    via: Literal["webhook", "default", "tenant", "global"]


class RightPage(Answer):
    """Who may do something with the webhook; a page may hold fewer than its limit and go on."""

    items: list[Right]
    next_cursor: str | None
