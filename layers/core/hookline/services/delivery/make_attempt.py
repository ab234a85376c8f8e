"""Makes one attempt: the request as of now, the call, and what is kept of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from hookline.domain.delivery.call import Answered, Caller, Unanswered
from hookline.domain.delivery.delivery import Attempt, AttemptError, Delivery, RequestRecord
from hookline.domain.delivery.settling import Verdict, judge
from hookline.domain.event.event import Event
from hookline.domain.request.attempt_record import error_message, response_record, secret_texts
from hookline.domain.request.request import Target, Unmade, prepare
from hookline.domain.webhook.surroundings import Surroundings
from hookline.domain.webhook.webhook import Webhook
from hookline.ports import Clock
from hookline.ports.webhooks import Vault


@dataclass(frozen=True, slots=True)
class Made:
    """An attempt that was made, or what kept it from being made."""

    attempt: Attempt
    verdict: Verdict
    ended_at: datetime

    @classmethod
    def earlier(cls, attempt: Attempt) -> Made:
        """One that was made some time ago and could not be written then."""
        return cls(attempt, judge(attempt.response, attempt.ended_at), attempt.ended_at)


class MakeAttempt:
    """Makes calls, and nothing else: no retry, no write. Safe to use from many threads at once."""

    def __init__(self, *, vault: Vault, call: Caller, rules: Surroundings, clock: Clock) -> None:
        self._vault = vault
        self._call = call
        self._rules = rules
        self._clock = clock

    def __call__(
        self, delivery: Delivery, webhook: Webhook, event: Event, calls: Callable[[], None]
    ) -> Made:
        """``calls`` is told when all is ready and the endpoint's turn comes.

        Raises Unavailable when the webhook's secrets cannot be opened: no call was made then.
        """
        secrets = self._vault.open(webhook.tenant, webhook.id, webhook.sealed_secrets)
        target = Target(webhook, secrets)
        started_at = self._clock()
        prepared = prepare(target, event, delivery, started_at, self._rules)
        calls()
        outcome = prepared.outcome if isinstance(prepared, Unmade) else self._call(prepared.call)
        ended_at = self._clock()
        hidden = secret_texts(webhook, secrets)
        attempt = _attempt(delivery, prepared.record, outcome, started_at, hidden)
        attempt = replace(attempt, webhook_version=webhook.version)
        return Made(attempt, judge(attempt.response, ended_at), ended_at)


def _attempt(
    delivery: Delivery,
    request: RequestRecord,
    outcome: Answered | Unanswered,
    started_at: datetime,
    secrets: tuple[str, ...],
) -> Attempt:
    response = error = None
    if isinstance(outcome, Answered):
        response = response_record(outcome, secrets)
    else:
        error = AttemptError(outcome.kind, error_message(outcome.message, secrets))
    return Attempt(
        number=delivery.attempt_count + 1,
        trigger=delivery.trigger,
        started_at=started_at,
        duration=outcome.duration,
        request=request,
        response=response,
        error=error,
        address=outcome.address,
        next_attempt_at=None,
    )
