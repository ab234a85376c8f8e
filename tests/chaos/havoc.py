"""Kills, pauses, purges and edits of the deployed local stack, in an order that a seed gives."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import requests

from tests.chaos.account import Done
from tests.e2e.aws import sqs_of
from tests.e2e.crash import processes_of
from tests.e2e.stack import Stack
from tests.e2e.tenant import Hook

QUEUES = ("deliveries", "retries", "fan-outs")
HIDDEN_SECONDS = "30"
"""How soon a message comes back whose receiver died, instead of six minutes. Longer than any call
here takes, and than any pause."""

_PAUSE_SECONDS = 5.0
_COMES_WITHIN_SECONDS = 10.0
_PLAN = {
    "kill sender": 9,
    "kill fanout": 3,
    "kill scheduler": 1,
    "kill api": 1,
    "pause": 3,
    "purge": 4,
    "edit": 4,
    "switch": 3,
    "rotate": 2,
    "cancel": 4,
    "retry": 4,
}


class Havoc:
    """What is done to one stack and one tenant's webhooks; ``done`` remembers it for the account.

    ``switched`` is a webhook that is off now and then: nothing is promised of it but that what it
    has got comes to an end.
    """

    def __init__(self, stack: Stack, hooks: list[Hook], switched: Hook, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.kills: list[datetime] = []
        self.retries: defaultdict[str, list[datetime]] = defaultdict(list)
        self.cancelled: set[str] = set()
        self._stack = stack
        self._hooks = hooks
        self._switched = switched
        self._random = random.Random(seed)  # noqa: S311 - chooses, keeps no secret
        self._sqs = sqs_of(stack)

    @property
    def done(self) -> Done:
        """For the account."""
        return Done(self.kills, self.retries, self.cancelled)

    def wreak(self, seconds: float, stopped: threading.Event) -> None:
        """All of the plan, spread over the time; nothing is left broken at its end."""
        plan = list(Counter(_PLAN).elements())
        self._random.shuffle(plan)
        for name in plan:
            if stopped.wait(seconds / len(plan) * self._random.uniform(0.5, 1.5)):
                break
            kind, _, of = name.partition(" ")
            act: Callable[[str], bool] = getattr(self, f"_{kind}")
            # What meets a function that has just been killed is not done, and not counted.
            with suppress(AssertionError, requests.RequestException):
                self.counts[kind] += act(of)
        self._switched.patch(enabled=True)

    @contextmanager
    def impatient_queues(self) -> Iterator[None]:
        """Messages of a receiver that died come back soon."""
        for queue in QUEUES:
            self._sqs.set_queue_attributes(
                QueueUrl=self.url(queue), Attributes={"VisibilityTimeout": HIDDEN_SECONDS}
            )
        yield

    def url(self, queue: str) -> str:
        """Of a queue of the stack."""
        return self._sqs.get_queue_url(QueueName=f"hookline-local-{queue}")["QueueUrl"]

    def in_queues(self) -> int:
        """How many messages there are: to be had, hidden and delayed ones."""
        kinds = ("", "NotVisible", "Delayed")
        names = [f"ApproximateNumberOfMessages{kind}" for kind in kinds]
        total = 0
        for queue in QUEUES:
            found = self._sqs.get_queue_attributes(
                QueueUrl=self.url(queue),
                AttributeNames=names,  # type: ignore[arg-type]  # the stubs want literal names
            )["Attributes"]
            total += sum(int(count) for count in found.values())
        return total

    # -- each answers whether it was done ---------------------------------------------------------

    def _kill(self, function: str) -> bool:
        found = self._running(function)
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if found and function == "sender":
            self.kills.append(datetime.now(UTC))
        return bool(found)

    def _running(self, function: str) -> list[int]:
        """Its processes: looked for until there are some, as the emulator ends idle ones."""
        deadline = time.monotonic() + _COMES_WITHIN_SECONDS
        while not (found := list(processes_of(self._stack, function))):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        return found

    def _pause(self, _: str) -> bool:
        found = self._running("sender")
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for process in found:
                with suppress(ProcessLookupError):
                    os.kill(process, number)
            if number is signal.SIGSTOP:
                threading.Event().wait(_PAUSE_SECONDS)
        return bool(found)

    def _purge(self, _: str) -> bool:
        for queue in QUEUES:
            self._sqs.purge_queue(QueueUrl=self.url(queue))
        return True

    def _edit(self, _: str) -> bool:
        marked = {"X-Edited": str(self._random.randrange(1_000))}
        self._random.choice(self._hooks).patch(headers=marked)
        return True

    def _switch(self, _: str) -> bool:
        on = bool(self._switched.api.get(self._switched.at)["enabled"])
        self._switched.patch(enabled=not on)
        return True

    def _rotate(self, _: str) -> bool:
        hook = self._random.choice(self._hooks)
        hook.api.post(f"{hook.at}/secret/rotate", {})
        return True

    def _cancel(self, _: str) -> bool:
        found = self._one("retrying", "created")
        if found is None:
            return False
        hook, delivery_id = found
        path = f"{hook.at}/deliveries/{delivery_id}/cancel"
        if hook.api("POST", path).status != 200:
            return False
        self.cancelled.add(delivery_id)
        return True

    def _retry(self, _: str) -> bool:
        found = self._one("success", "retrying")
        if found is None:
            return False
        hook, delivery_id = found
        # Before it is asked for: its call may come while the answer is on its way.
        self.retries[delivery_id].append(datetime.now(UTC))
        return hook.api("POST", f"{hook.at}/deliveries/{delivery_id}/retry").status == 202

    def _one(self, *statuses: str) -> tuple[Hook, str] | None:
        """A delivery that stands so, and was neither cancelled nor retried."""
        hook = self._random.choice(self._hooks)
        for status in statuses:
            for item in hook.log(status=status, limit=20):
                if item["id"] not in self.cancelled and item["id"] not in self.retries:
                    return hook, str(item["id"])
        return None
