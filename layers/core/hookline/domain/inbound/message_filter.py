"""Which messages are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hookline.domain.ids import ProviderId, instant_of
from hookline.domain.inbound.function import bare_uri
from hookline.domain.inbound.message import Message, Outcome, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """None lets everything pass; ``since`` is inclusive, ``until`` exclusive.

    As for functions, outer slashes of ``uri`` do not count.
    """

    status: Progress | None = None
    outcome: Outcome | None = None
    provider: ProviderId | None = None
    uri: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def uris(self) -> tuple[str, ...]:
        """The forms in which the uri may have come."""
        if self.uri is None:
            return ()
        bare = bare_uri(self.uri)
        return (bare, f"{bare}/", f"/{bare}", f"/{bare}/")

    def passes(self, message: Message) -> bool:
        """Whether the message is wanted."""
        came = instant_of(message.id)
        return (
            self.status in (None, message.status)
            and self.outcome in (None, message.outcome)
            and self.provider in (None, message.provider_id)
            and (self.uri is None or message.call.uri in self.uris)
            and (self.since is None or came >= self.since)
            and (self.until is None or came < self.until)
        )


EVERYTHING = MessageFilter()
