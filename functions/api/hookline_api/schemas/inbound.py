"""Inbound providers, functions and messages, as they are read."""

from __future__ import annotations

from hookline.domain.documents.kinds import Anything, Choice
from hookline.domain.documents.shape import Object
from hookline.domain.inbound.fields import FunctionFields, ProviderFields
from hookline.domain.inbound.message import Outcome, Progress
from hookline_api.schemas.base import (
    FLAG,
    MOMENT,
    Answer,
    ByName,
    Each,
    always,
    count,
    identifier,
    page_of,
    sometimes,
    text,
)

_WHO = text("prn_01M81PY6T7X4SJTAJ8CSJCR31C")


class _Configured(Answer):
    """What providers and functions have besides."""

    tenant = always(text("acme"), "Whose it is.")
    version = always(count(3), "Grows by one with every change; what If-Match takes.")
    created_at = always(MOMENT, "When it was made.")
    created_by = always(_WHO, "Who made it.")
    updated_at = always(MOMENT, "When it last changed.")
    updated_by = always(_WHO, "Who changed it last.")


class Provider(ProviderFields, _Configured):
    """A provider; secrets read as `*****`."""

    id = always(identifier("prv"), "Its id.")
    sequence = always(count(1), "Its place in the order providers are tried in, from 1.")


ProviderPage = page_of("ProviderPage", Provider, "Providers in the order in which they are tried.")


class Function(FunctionFields, _Configured):
    """A function."""

    id = always(identifier("fn"), "Its id.")


FunctionPage = page_of("FunctionPage", Function, "Functions, newest first.")


class PassedOver(Answer):
    """A provider that did not match."""

    provider_id = always(identifier("prv"), "The provider.")
    reason = always(text("the signature does not match"), "Why it was passed over.")


class Execution(Answer):
    """One function's run."""

    function_id = always(identifier("fn"), "The function.")
    function_name = always(text("announce a push"), "Its name.")
    status = always(Choice(*Progress), "How far it has come.", example="success")
    elements = always(count(2), "Of the list that `each` came to.", nullable=True)
    elements_done = always(count(2), "Of those, what is done.", nullable=True)
    message = always(text("published order-17-paid"), "What came of it.")
    logs = sometimes(text("…"), "Absent in lists.")
    started_at = always(MOMENT, "When it began.", nullable=True)
    ended_at = always(MOMENT, "When it ended.", nullable=True)


class MessageItem(Answer):
    """A message in a list: without headers, body and logs."""

    id = always(identifier("msg"), "Its id.")
    received_at = always(MOMENT, "When it came.")
    method = always(text("POST"), "The HTTP method.")
    uri = always(text("github/push"), "The path after `/in/{tenant}/`.")
    query = always(ByName(Each(text("1")), {"page": ["1"]}), "The query's values by name.")
    remote_addr = always(text("203.0.113.7"), "The address it came from.")
    provider_id = always(identifier("prv"), "The provider that matched.", nullable=True)
    provider_name = always(text("GitHub"), "Its name.", nullable=True)
    status = always(Choice(*Progress), "How far it has come.", example="success")
    outcome = always(Choice(*Outcome), "Null until it was matched.", nullable=True)
    message = always(text("1 function ran"), "What came of it.")
    sync = always(FLAG, "Whether its sender waited for the outcome.", example=False)
    passed_over = always(Each(Object(PassedOver)), "Providers that did not match.")
    executions = always(Each(Object(Execution)), "The functions that ran.")
    repeat_of = always(identifier("msg"), "The sender's same delivery before.", nullable=True)
    resubmit_of = always(identifier("msg"), "The message that it repeats.", nullable=True)
    resubmitted_by = always(_WHO, "Who had it repeated.", nullable=True)


class Message(MessageItem):
    """One inbound call and its fate."""

    headers = always(
        ByName(text("push"), {"x-github-event": "push"}), "The headers by lower-case name."
    )
    body = always(text('{"ref":"refs/heads/main"}'), "The body as it came.")
    body_is_base64 = always(
        FLAG, "Whether the body is no UTF-8 and shown as base64.", example=False
    )
    body_truncated = always(FLAG, "Whether its first 256 KiB are shown alone.", example=False)
    payload = always(
        Anything({"ref": "refs/heads/main"}), "The parsed body; null where it cannot be read."
    )
    payload_problem = always(
        text("the body is not JSON"),
        "Why there is no payload, or what is not right about it.",
        nullable=True,
    )


MessagePage = page_of("MessagePage", MessageItem, "Messages, newest first.")


class Resubmitted(Answer):
    """How many messages were run again, or would be."""

    matched = always(count(17), "How many.")
    rest_until = always(MOMENT, "The `until` to go on with; null without a rest.", nullable=True)
