"""Reads inbound messages, without the credentials that came with them (reference row FD-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hookline.domain.ids import MessageId, TenantId
from hookline.domain.inbound.credentials import credential_names, without_credentials
from hookline.domain.inbound.message import Message
from hookline.domain.inbound.message_filter import EVERYTHING, MessageFilter
from hookline.errors import NotFound
from hookline.ports.inbound import InboundConfigurations, MessageLog


class ReadMessages:
    """Messages as readers may see them.

    A message that was routed is stored with its credentials masked. One that was not still needs
    them: they are masked here.
    """

    def __init__(self, *, log: MessageLog, configurations: InboundConfigurations) -> None:
        self._log = log
        self._configurations = configurations

    def get(self, tenant: TenantId, message_id: MessageId) -> Message:
        """Raises NotFound."""
        message = self._log.get(tenant, message_id)
        if message is None:
            raise NotFound
        (shown,) = self._masked(tenant, [message])
        return shown

    def page(
        self,
        tenant: TenantId,
        limit: int,
        *,
        before: MessageId | None = None,
        wanted: MessageFilter = EVERYTHING,
    ) -> tuple[Sequence[Message], MessageId | None]:
        """As `hookline.ports.inbound.MessageLog.page`."""
        found, further = self._log.page(tenant, limit, before=before, wanted=wanted)
        return self._masked(tenant, found), further

    def _masked(self, tenant: TenantId, messages: Sequence[Message]) -> Sequence[Message]:
        if all(message.outcome is not None for message in messages):
            return messages
        names = credential_names(self._configurations.load(tenant))
        return [
            replace(message, call=without_credentials(message.call, names)) for message in messages
        ]
