"""Short courses of events, each of which takes one path through the services to its end.

A story first sets its scene, undisturbed; what follows may be disturbed at any step.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from hookline.domain.delivery.delivery import Status
from hookline.domain.fan_out.fan_out import CHUNK_SIZE
from hookline.domain.ids import WebhookId
from hookline.domain.lease import LEASE
from hookline.errors import Refused, Unavailable
from tests.builders import a_webhook, an_id
from tests.engine.steps import Call, Moment
from tests.inbound_builders import LAMBDA_ARN
from tests.simulation.actors import Crash
from tests.simulation.endpoints import BROKEN, OK, Reply, always, fine, in_turn
from tests.simulation.inbound import InboundWorld
from tests.simulation.world import HOUR, MINUTE, SECOND, Size, World

PARKED_RETRY = {"initial_delay_seconds": 1000, "multiplier": 1}
QUICK_RETRY = {"initial_delay_seconds": 5, "multiplier": 2}


@dataclass(frozen=True, slots=True)
class Story:
    """``act`` is what users do, each act until it succeeds, as users do; ``lasts`` is the time
    after which all has ended where nothing goes wrong; ``end`` is the status then. ``only`` names
    the calls that a long story is told for, if not for all it makes."""

    scene: Callable[[World], None]
    lasts: timedelta
    end: Status = Status.SUCCESS
    act: Callable[[World], None] = lambda _world: None
    only: frozenset[str] | None = None
    world: Callable[[], World] = World

    def about(self, call: str) -> bool:
        return self.only is None or call in self.only


def insist(world: World, act: Callable[[], object]) -> None:
    """A user whose request fails sends it again a little later."""
    while True:
        try:
            act()
        except (Crash, Unavailable):
            world.run_for(SECOND)
        else:
            return


def _three_webhooks(world: World) -> None:
    for name in ("one", "two", "three"):
        world.webhook(name)
    world.publish()
    world.publish()


def _fails_twice(world: World) -> None:
    world.webhook("flaky", in_turn(BROKEN, BROKEN, OK), retry=QUICK_RETRY)
    world.publish()


def _two_fail_twice(world: World) -> None:
    world.webhook("flaky", in_turn(*[BROKEN] * 4, OK), retry=QUICK_RETRY)
    world.publish()
    world.publish()
    # Late senders find both in one batch.
    world.mappings["retries"].off = True
    world.run_for(10 * SECOND)
    world.mappings["retries"].off = False


def _fails_once_for_long(world: World) -> None:
    world.webhook("slow", in_turn(BROKEN, OK), retry=PARKED_RETRY)
    world.publish()


def _circuit_is_open(world: World) -> None:
    world.webhook("down", always(BROKEN), retry=QUICK_RETRY)
    for _ in range(4):
        world.publish()
    world.run_for(3 * MINUTE)
    world.endpoints.behaviours["down"] = fine


def _held(world: World) -> None:
    webhook_id = world.webhook("off", in_turn(BROKEN, BROKEN, OK), retry=QUICK_RETRY)
    world.publish()
    world.publish()
    world.run_for(2 * SECOND)
    world.edit(webhook_id, enabled=False)
    world.run_for(MINUTE)


def _switch_on(world: World) -> None:
    (webhook,) = world.engine.webhooks_table.all()
    insist(world, lambda: world.edit(webhook.id, enabled=True))


def _switch_off_and_on(world: World) -> None:
    world.run_for(2 * SECOND)
    (webhook,) = world.engine.webhooks_table.all()
    insist(world, lambda: world.edit(webhook.id, enabled=False))
    world.run_for(20 * SECOND)
    insist(world, lambda: world.edit(webhook.id, enabled=True))


def _always_fails(world: World) -> None:
    world.webhook("dead", always(BROKEN), retry={**QUICK_RETRY, "max_attempts": 2})
    world.publish()


def _gone(world: World) -> None:
    # Died between switching the webhook off and writing what became of the delivery, it is held as
    # any delivery of a webhook that is off: until its age.
    world.webhook("gone", always(Reply(410)), retry={"max_age_seconds": 600})
    world.publish()


def _too_old(world: World) -> None:
    world.webhook("old", always(BROKEN), retry={**QUICK_RETRY, "max_age_seconds": 60})
    world.publish()
    world.run_for(2 * SECOND)
    (webhook,) = world.engine.webhooks_table.all()
    world.edit(webhook.id, enabled=False)


def _in_backoff(world: World) -> None:
    world.webhook("later", in_turn(BROKEN, OK), retry=PARKED_RETRY)
    world.publish()
    world.run_for(MINUTE)


def _retry_now(world: World) -> None:
    (delivery,) = world.deliveries
    insist(world, lambda: world.api.retry(delivery.key))


def _cancel(world: World) -> None:
    (delivery,) = world.deliveries
    with suppress(Refused):  # it was cancelled by the request whose reply got lost
        insist(world, lambda: world.api.cancel(delivery.key))


def _delete(world: World) -> None:
    (webhook,) = world.engine.webhooks_table.all()
    with suppress(Refused):  # as above
        insist(world, lambda: world.delete(webhook.id))


def _exhausted(world: World) -> None:
    world.webhook("back", always(BROKEN), retry={**QUICK_RETRY, "max_attempts": 1})
    for _ in range(3):
        world.publish()
    world.run_for(MINUTE)
    world.endpoints.behaviours["back"] = fine


def _recover(world: World) -> None:
    (webhook,) = world.engine.webhooks_table.all()
    since = world.clock.now - HOUR
    insist(world, lambda: world.recover(webhook.id, since))


def _limited(world: World) -> None:
    world.webhook("limited", rate_limit={"per_second": 0.02})
    for _ in range(3):
        world.publish()


def _one_webhook(world: World) -> None:
    world.webhook("one")


def _publish(world: World) -> None:
    insist(world, lambda: world.publish(id="evt-of-a-user"))


def _crash_of_the_fan_out(before: str) -> Callable[[World], None]:
    def scene(world: World) -> None:
        def hook(call: Call, moment: Moment) -> None:
            if call.name == before and moment is Moment.BEFORE:
                raise Crash

        _three_webhooks(world)
        world.steps.hook = hook
        world.run_for(SECOND)

    return scene


def _an_hour_without_fan_outs(world: World) -> None:
    def hook(call: Call, moment: Moment) -> None:
        if call.name == "fan_outs.claim" and moment is Moment.BEFORE:
            raise Unavailable("ProvisionedThroughputExceededException")

    _one_webhook(world)
    world.publish()
    world.steps.hook = hook
    world.run_for(HOUR)


def _poison(world: World) -> None:
    _one_webhook(world)
    world.engine.delivery_queue.send("not JSON")
    world.engine.fan_out_queue.send("{}")
    world.stream.put_image("a hand's edit", {"event": {"S": "acme#x"}}, world.clock.now)
    world.publish()


def _more_webhooks_than_fit_two_chunks(world: World) -> None:
    for number in range(2 * CHUNK_SIZE + 1):
        webhook = a_webhook(id=WebhookId(an_id("wh")), name=str(number), events=("*",))
        world.engine.webhooks_table.create(webhook)
    world.publish()


def _all_deleted_once_fanned_out(world: World) -> None:
    # This is about their deliveries' creation. Their calls would only take time.
    world.mappings["deliveries"].off = True
    world.run_for(timedelta(milliseconds=450))
    for webhook in world.engine.webhooks_table.all():
        world.engine.webhooks_table.delete(webhook)
    world.mappings["deliveries"].off = False


def _held_past_its_age(world: World) -> None:
    webhook_id = world.webhook("off", always(BROKEN), retry={"max_age_seconds": 3600})
    world.publish()
    world.publish()
    world.run_for(SECOND)
    world.edit(webhook_id, enabled=False)


def _called_from_outside(world: World) -> None:
    assert isinstance(world, InboundWorld)
    world.webhook("publishes-to", events=["git.push"])
    forwards_to = world.webhook("forwards-to", events=["nothing.else"])
    provider = world.provider()
    world.function(provider, {"type": "publish", "event": {"type": "'git.push'"}})
    world.function(provider, {"type": "forward", "webhook_id": forwards_to})
    world.function(provider, {"type": "invoke", "function_arn": LAMBDA_ARN})


def _receive(world: World) -> None:
    assert isinstance(world, InboundWorld)
    insist(world, world.receive)


def _called_and_forgotten(world: World) -> None:
    def hook(call: Call, moment: Moment) -> None:
        if call.name == "inbound_queue.send" and moment is Moment.BEFORE:
            raise Crash

    assert isinstance(world, InboundWorld)
    _called_from_outside(world)
    world.steps.hook = hook
    with suppress(Crash):
        world.receive()


def _slow_and_fast(world: World) -> None:
    world.webhook("slow", always(Reply(200, after=3 * SECOND)), events=["slow"])
    world.webhook("fast", events=["fast"])


def _more_comes_while_calls_wait(world: World) -> None:
    for wait, event_type in ((1.0, "slow"), (2.4, "fast"), (0.6, "slow"), (0.0, "slow")):
        insist(world, partial(world.publish, event_type, id=f"{event_type}-{int(10 * wait)}"))
        world.run_for(wait * SECOND)


STORIES = {
    "publish": Story(_one_webhook, lasts=MINUTE, act=_publish),
    "fan-out": Story(_three_webhooks, lasts=MINUTE),
    "retry": Story(_fails_twice, lasts=MINUTE),
    "park": Story(_fails_once_for_long, lasts=20 * MINUTE),
    "release": Story(_circuit_is_open, lasts=15 * MINUTE),
    "hold": Story(_held, lasts=5 * MINUTE, act=_switch_on),
    "off and on": Story(_fails_twice, lasts=5 * MINUTE, act=_switch_off_and_on),
    "exhaust": Story(_always_fails, lasts=MINUTE, end=Status.FAILED),
    "gone": Story(_gone, lasts=12 * MINUTE, end=Status.FAILED),
    "expire": Story(_too_old, lasts=5 * MINUTE, end=Status.FAILED),
    "retry now": Story(_in_backoff, lasts=MINUTE, act=_retry_now),
    "cancel": Story(_in_backoff, lasts=MINUTE, end=Status.CANCELLED, act=_cancel),
    "delete": Story(_in_backoff, lasts=5 * MINUTE, end=Status.CANCELLED, act=_delete),
    "rate limit": Story(_limited, lasts=5 * MINUTE),
    "recover": Story(_exhausted, lasts=3 * MINUTE, act=_recover),
    "inbound": Story(_called_from_outside, lasts=2 * HOUR, act=_receive, world=InboundWorld),
    "not created": Story(
        _crash_of_the_fan_out("new_deliveries.create_some"), lasts=LEASE + 3 * MINUTE
    ),
    "not sent": Story(_crash_of_the_fan_out("first_attempts.send"), lasts=LEASE + 3 * MINUTE),
    "late": Story(_an_hour_without_fan_outs, lasts=MINUTE),
    "poison": Story(_poison, lasts=MINUTE),
    "retry together": Story(_two_fail_twice, lasts=MINUTE, only=frozenset({"retry_timers.extend"})),
    "expire by the hour": Story(
        _held_past_its_age,
        lasts=63 * MINUTE,
        end=Status.FAILED,
        only=frozenset({"due.expired_on_webhook", "dead_letters.send_many"}),
    ),
    "inbound by the hour": Story(
        _called_and_forgotten,
        lasts=2 * HOUR,
        only=frozenset({"pending_messages.pending", "inbound_queue.send_many"}),
        world=InboundWorld,
    ),
    "slow": Story(
        _slow_and_fast,
        lasts=2 * MINUTE,
        act=_more_comes_while_calls_wait,
        only=frozenset(
            {
                "health.mark_slow",
                "more_first_attempts.receive",
                "more_first_attempts.delete",
                "more_retries.receive",
                "more_retries.delete",
            }
        ),
        world=lambda: World(size=Size(senders=1)),
    ),
    "large fan-out": Story(
        _more_webhooks_than_fit_two_chunks,
        lasts=2 * MINUTE,
        end=Status.CANCELLED,
        act=_all_deleted_once_fanned_out,
        only=frozenset(
            {
                *("fan_out_steps.send", "fan_outs.get", "fan_outs.extend"),
                *("fan_outs.lease", "fan_outs.chunk"),
            }
        ),
    ),
}
