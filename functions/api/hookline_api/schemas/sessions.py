"""Who calls, and sessions."""

from __future__ import annotations

from hookline.domain.documents.kinds import Choice
from hookline.domain.documents.shape import Object
from hookline.domain.identity.fields import LEVEL
from hookline_api.schemas.base import FLAG, MOMENT, Answer, Each, always, identifier, text


class Myself(Answer):
    """The principal that calls."""

    id = always(identifier("prn"), "Its id.")
    name = always(text("shop backend"), "Its name.")


class MyTenant(Answer):
    """A tenant that the caller sees."""

    id = always(text("acme"), "Its id.")
    name = always(text("Acme"), "Its name.")
    level = always(LEVEL, "The caller's level in it.", nullable=True)
    default_webhook_level = always(LEVEL, "Its default level for webhooks.", nullable=True)


class MyLook(Answer):
    """How the console presents itself, as whoever made the link wanted it."""

    name = always(text("Acme webhooks"), "In place of Hookline.", nullable=True)
    logo = always(text("data:image/png;base64,iVBORw0KGgo="), "A picture.", nullable=True)
    colour = always(text("#2255cc"), "Of accents.", nullable=True)


class Me(Answer):
    """Who calls."""

    principal = always(Object(Myself), "Null for the root key.", nullable=True)
    via = always(Choice("root", "key", "session", "token"), "By what.")
    global_admin = always(FLAG, "Whether it is admin of all tenants.", example=False)
    tenants = always(Each(Object(MyTenant)), "Those it sees.")
    expires_at = always(MOMENT, "Until when the key or session is good.", nullable=True)
    session = always(Object(MyLook), "Of a session alone.", nullable=True)


class NewSession(Answer):
    """A session with its text, shown this once."""

    token = always(text("hls_<text>"), "What to call with.")
    url = always(text("https://api.example.com/console#session=hls_<text>"), "Opens the console.")
    expires_at = always(MOMENT, "When it ends.")
