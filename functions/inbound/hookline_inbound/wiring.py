"""Assembles the receiver: services over the stack, and what logs each call."""

from __future__ import annotations

import logging
import os
from datetime import timedelta

from hookline.adapters.stack_inbound import InboundStack
from hookline.adapters.telemetry import Metrics, start_logging
from hookline.ports import Clock, Randomness
from hookline.services.identity.keep_quota import KeepQuota, Quota
from hookline.services.identity.known_tenants import KnownTenants
from hookline.services.inbound.receive import Quotas, ReceiveCall
from hookline.services.inbound.work import match_message_over, process_message_over
from hookline_inbound.answering import AnswerCalls
from hookline_inbound.settings import InboundSettings

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

    def quota(name: str, per_second: int) -> KeepQuota:
        quota = Quota(per_second)
        return KeepQuota(allotments=stack.allotments, quota=quota, name=name, clock=clock)

    return ReceiveCall(
        tenant_exists=KnownTenants(stack.tenants, clock),
        quotas=Quotas(
            calls=quota("inbound", settings.inbound_quota_per_second),
            sizes=quota("inbound-bytes", settings.inbound_bytes_per_second),
        ),
        match=match_message_over(stack),
        messages=stack.new_messages,
        queue=stack.inbound_queue,
        process=process_message_over(stack),
        clock=clock,
        randomness=randomness,
    )
