"""Works on a batch of the delivery or retry queue, and on more while a call keeps it waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from hookline.ports import Clock, Crew
from hookline.ports.sending import RetryTimers, Snapshots
from hookline.ports.webhooks import WebhookHealth
from hookline.services.delivery.deliver_one import DeliverOne
from hookline.services.delivery.delivery_messages import Handled, Inbox, Received
from hookline.services.delivery.lanes import Lanes
from hookline.services.delivery.messages_in_hand import MessagesInHand
from hookline.services.delivery.reading import Reading
from hookline.services.delivery.timing import Timing
from hookline.services.webhook.health import TellCircuit


class Deliver:
    """Reads once for a whole batch, makes its calls side by side, times each as soon as it is done.

    What it does not hand back as acknowledged comes back: a crash anywhere repeats at most the
    calls that were on the wire or whose result was not written yet.

    A call that waits costs a thread and not an invocation: as long as one does, more is received.
    """

    def __init__(
        self,
        *,
        snapshots: Snapshots,
        deliver_one: DeliverOne,
        timers: RetryTimers,
        health: WebhookHealth,
        tell: TellCircuit,
        crew: Callable[[], Crew[Any]],
        places: int,
        clock: Clock,
    ) -> None:
        self._reading = Reading(snapshots, clock)
        self._deliver_one = deliver_one
        self._timers = timers
        self._health = health
        self._tell = tell
        self._crew = crew
        self._places = places
        self._clock = clock

    def __call__(
        self, messages: Sequence[Received], remaining: Callable[[], timedelta], inbox: Inbox
    ) -> Iterator[Handled]:
        """What came of each message, as it comes; ``remaining`` is what is left of the time.

        ``inbox`` has more of the same queue. What comes of those is their messages' affair alone:
        they are deleted here.
        """
        lanes = Lanes(self._deliver_one, self._health, self._tell, self._clock, remaining)
        hand = MessagesInHand(
            crew=self._crew(),
            places=self._places,
            reading=self._reading,
            lanes=lanes,
            timing=Timing(self._timers, inbox, self._clock),
            inbox=inbox,
            remaining=remaining,
            clock=self._clock,
        )
        hand.take(messages)
        while hand.busy:
            yield from hand.go_on()
