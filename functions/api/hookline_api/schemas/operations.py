"""How the stack is doing."""

from __future__ import annotations

from hookline.domain.documents.kinds import Choice
from hookline.domain.documents.shape import Object
from hookline_api.schemas.base import FLAG, MOMENT, Answer, Each, always, count, text


class Queue(Answer):
    """One queue, by SQS's own count."""

    name = always(text("hookline-prod-deliveries"), "Its name.")
    visible = always(count(3), "Messages that wait.")
    in_flight = always(count(10), "Messages that are being worked on, or hidden.")
    oldest_seconds = always(count(2), "Age of the oldest; null: not measured.", nullable=True)


class Alarm(Answer):
    """One alarm of the stack."""

    name = always(text("hookline-prod-dead-letters"), "Its name, by which the runbook has it.")
    state = always(Choice("OK", "ALARM", "INSUFFICIENT_DATA"), "In CloudWatch's words.")
    since = always(MOMENT, "When it came into this state.", nullable=True)


class Settings(Answer):
    """What the stack was deployed with."""

    stage = always(text("prod"), "Which stack this is.")
    retention_days = always(count(30), "How long events and logs are kept.")
    publish_quota_per_second = always(count(1_000), "Events a second and tenant.")
    webhooks_per_tenant = always(count(10_000), "Webhooks a tenant may have.")
    header_prefix = always(text("X-Hookline"), "Of the metadata headers.")
    allow_http = always(FLAG, "Whether webhooks may have http urls.", example=False)
    allowed_networks = always(Each(text("10.0.0.0/8")), "Called although they are private.")
    oidc_issuer = always(text("https://id.example.com"), "Whose tokens count.", nullable=True)
    source_addresses = always(
        Each(text("203.0.113.7")), "Where calls come from, for firewalls; empty: any of AWS's."
    )


class Operations(Answer):
    """Queues, alarms, version and settings."""

    version = always(text("1.0.0"), "Of Hookline.")
    queues = always(Each(Object(Queue)), "The stack's queues, by name.")
    dead_letters = always(count(0), "Messages in all its dead-letter queues.")
    alarms = always(Each(Object(Alarm)), "The stack's alarms, by name.")
    settings = always(Object(Settings), "What it was deployed with.")
