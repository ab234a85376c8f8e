"""What is written of tenants, principals, keys and rights, each field declared once."""

from __future__ import annotations

from typing import Literal, get_args

from hookline.domain.documents.kinds import Choice, Flag, Instant, Text, Whole
from hookline.domain.documents.shape import Shape, defaulted, optional, required
from hookline.domain.ids import TENANT_ID

type LevelName = Literal["read", "write", "admin"]

LEVEL = Choice[LevelName](*get_args(LevelName.__value__))
NAME = Text(1, 200, example="shop backend")


class TenantFields(Shape):
    """A tenant: all else belongs to exactly one."""

    id = required(
        Text(
            1,
            63,
            like=(TENANT_ID, "must be 1 to 63 of a-z, 0-9 and -, beginning with no -"),
            example="acme",
        ),
        "Given once: it stays taken when the tenant is deleted.",
    )
    name = optional(NAME, "The id where none is given.", example="Acme")


class TenantEditFields(Shape):
    """What of a tenant can change."""

    name = required(NAME, "Its name.", example="Acme Ltd")

    server_set = frozenset({"id", "created_at", "created_by", "updated_at"})


class PrincipalFields(Shape):
    """Somebody, or some program, that calls the API with keys of its own."""

    name = required(NAME, "For its readers.")
    level = optional(LEVEL, "In the tenant itself.")
    default_webhook_level = optional(LEVEL, "On webhooks it has no level of its own on.")
    global_admin = defaulted(
        Flag(),
        False,
        "Admin of all tenants; only global admins make global admins.",
        example=False,
    )

    server_set = frozenset({"id", "tenant", "created_at", "created_by", "updated_at"})


class KeyFields(Shape):
    """A key."""

    expires_at = optional(Instant(), "From then on it does not work; it never expires without.")


class RightFields(Shape):
    """A level on one webhook."""

    level = required(LEVEL, "It overrides the principal's default level.")


class SessionFields(Shape):
    """A session, and how the console looks to whoever comes by its link."""

    expires_in_seconds = defaulted(
        Whole(60, 604_800, example=86_400), 3_600, "How long it is good."
    )
    name = optional(
        Text(1, 80, one_line=True, example="Acme webhooks"), "Shown in place of Hookline."
    )
    logo = optional(
        Text(
            1,
            4_000,
            like=(
                r"data:image/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}",
                "must be a picture as data:image/png;base64,… (or jpeg, webp, svg+xml)",
            ),
            example="data:image/png;base64,iVBORw0KGgo=",
        ),
        "Shown beside the name.",
    )
    colour = optional(
        Text(1, 7, like=("#[0-9A-Fa-f]{6}", "must be #rrggbb"), example="#2255cc"), "Of accents."
    )
