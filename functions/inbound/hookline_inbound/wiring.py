"""Assembles the receiver: services over the stack, and what logs each call."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from hookline.adapters.stack_inbound import InboundStack
from hookline.adapters.telemetry import Metrics, start_logging
from hookline.domain.ids import TenantId
from hookline.ports import Clock, Randomness
from hookline.services.identity.keep_quota import KeepQuota, Quota
from hookline.services.identity.known_tenants import KnownTenants
from hookline.services.inbound.receive import ReceiveCall
from hookline.services.inbound.work import process_message_over
from hookline_inbound.answering import AnswerCalls
from hookline_inbound.settings import InboundSettings

if TYPE_CHECKING:
    from hookline.ports.requests import Allotments

_INVOKE_TIMEOUT = timedelta(seconds=12)
"""The timeout of a match function, and of all functions together: both fit the 29 s of this
function."""

_THREADS = 20
"""One for each function of a provider and uri."""


def build_inbound(
    settings: InboundSettings, clock: Clock, randomness: Randomness = os.urandom
) -> AnswerCalls:
    """The receiver with its log."""
    start_logging("inbound", settings.log_level)
    return AnswerCalls(
        receive=build_receive(settings, clock, randomness),
        logger=logging.getLogger("hookline.inbound"),
        metrics=Metrics("inbound", settings.stage, clock, on=settings.metrics),
    )


def build_receive(settings: InboundSettings, clock: Clock, randomness: Randomness) -> ReceiveCall:
    """The receiver over AWS."""
    stack = InboundStack(
        settings,
        threads=_THREADS,
        clock=clock,
        randomness=randomness,
        invoke_timeout=_INVOKE_TIMEOUT,
    )
    return ReceiveCall(
        tenant_exists=KnownTenants(stack.tenants, clock),
        quota=_quota(settings, stack.allotments, clock),
        messages=stack.new_messages,
        queue=stack.inbound_queue,
        process=process_message_over(stack),
        clock=clock,
        randomness=randomness,
    )


def _quota(
    settings: InboundSettings, allotments: Allotments, clock: Clock
) -> Callable[[TenantId, int], None]:
    """Calls and bytes, counted separately."""
    per_second = Quota(settings.inbound_quota_per_second)
    calls = KeepQuota(allotments=allotments, quota=per_second, name="inbound", clock=clock)
    per_second = Quota(settings.inbound_bytes_per_second)
    sizes = KeepQuota(allotments=allotments, quota=per_second, name="inbound-bytes", clock=clock)

    def spend(tenant: TenantId, size: int) -> None:
        calls(tenant)
        sizes(tenant, size)

    return spend
