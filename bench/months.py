"""What a month costs by its deliveries, here and elsewhere, and from where on which is cheaper."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from bench import idle, prices
from bench.cost import GIB, MILLION, SENT_BYTES, Stack, total
from tests.worlds.template import defaults

HOURS = 730
VOLUMES = (0, 1, 10, 100, 1_000)
"""Millions of deliveries a month."""

# -- What is assumed of servers of one's own, which nobody bills by the delivery -----------------

PEAK = 3
"""How much more the busiest hour brings than the mean one."""
USED = 0.7
SERVER_CPU_SECONDS = {1: 0.0009, 10: 0.0004}
"""Of the servers, a delivery: Svix's server 1.100, measured to one endpoint and to ten."""
DATABASE_CPU_SECONDS = {1: 0.0012, 10: 0.0003}
"""Of Postgres and Redis together, in the same run."""
CORES = 2
"""Of a server, and of the smallest database."""
KEPT_BYTES = 1_500
"""A delivery in the database for 30 days, its part of the event and the indexes included."""

type Month = Callable[[float], float]
"""Dollars of a month, by millions of deliveries."""


def ways(stack: Stack, webhooks: int) -> Mapping[str, Month]:
    """Each way to have so many deliveries made, their log kept for 30 days where it has one."""
    return {**ours(stack), **others(webhooks)}


def ours(stack: Stack, *, own_address: bool = False) -> Mapping[str, Month]:
    """Hookline's two ways; by the API function's ``own_address`` where publishers call that."""
    resting = sum(idle.lines(ApiFunctionUrl=str(own_address).lower()).values())

    def each(*, by_the_hour: bool) -> float:
        work = stack.work(by_the_hour=by_the_hour, own_address=own_address)
        return total(work) + total(stack.on_top(own_address=own_address))

    by = ", own address" if own_address else ""
    return {
        f"Hookline, on demand{by}": lambda many: resting + many * each(by_the_hour=False),
        f"Hookline, by the hour{by}": lambda many: (
            resting + _least_capacity() + many * each(by_the_hour=True)
        ),
    }


def others(webhooks: int) -> Mapping[str, Month]:
    """The ways that are not Hookline."""
    return {
        "EventBridge API destinations": lambda many: (
            many
            * MILLION
            * (prices.EVENTBRIDGE_EVENT / webhooks + prices.EVENTBRIDGE_INVOCATION + _traffic())
        ),
        "Svix Cloud": lambda many: _svix(many, webhooks),
        "Hookdeck": lambda many: prices.HOOKDECK_PLAN + many * MILLION * _hookdeck_event(many),
        "Two servers, Postgres, Redis": lambda many: _servers(many, webhooks),
    }


def table(one: Stack, ten: Stack) -> str:
    """A month by its volume, as Markdown tables."""
    head = " | ".join("idle" if not many else f"{many:,} M" for many in VOLUMES)
    parts = []
    for title, stack, webhooks in (("one to one", one, 1), ("one to ten", ten, 10)):
        rows = [f"| dollars a month, {title} | {head} |", "|---" + "|---:" * len(VOLUMES) + "|"]
        rows_of = {**ours(stack), **ours(stack, own_address=True), **others(webhooks)}
        for name, month in rows_of.items():
            cells = " | ".join(f"{month(many):,.0f}" for many in VOLUMES)
            rows.append(f"| {name} | {cells} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def crossings(one: Stack, ten: Stack) -> str:
    """From how many deliveries a month on another way is cheaper than Hookline, as a list."""
    lines = []
    for title, stack, webhooks in (("One to one", one, 1), ("One to ten", ten, 10)):
        instead = _from(crossing(*ours(stack).values()))
        lines.append(f"- {title}, by the hour instead of on demand: {instead}.")
        for name, month in others(webhooks).items():
            beside, beside_own = (
                _from(crossing(_cheaper(*ours(stack, own_address=own).values()), month))
                for own in (False, True)
            )
            differs = f"; beside our own address {beside_own}" if beside_own != beside else ""
            lines.append(f"- {title}, {name}: {beside}{differs}.")
    return "\n".join(lines)


def _cheaper(first: Month, second: Month) -> Month:
    return lambda many: min(first(many), second(many))


def crossing(first: Month, second: Month) -> float | None:
    """Millions from which on the second is cheaper for good, up to ten thousand; None for never."""
    volumes = [10 ** (step / 50) for step in range(-100, 201)]
    dearer = [many for many in volumes if second(many) >= first(many)]
    if not dearer:
        return 0
    return None if dearer[-1] == volumes[-1] else dearer[-1]


def _from(millions: float | None) -> str:
    match millions:
        case None:
            return "never cheaper"
        case 0:
            return "cheaper at any volume"
    return f"cheaper from {float(f'{millions:.1g}'):,.10g} million a month on"


def _least_capacity() -> float:
    """Reads of three tables, and the index of what waits, at their least."""
    least = int(defaults()["LeastCapacity"])
    reads, writes = 4 * prices.READ_UNIT_HOUR, prices.WRITE_UNIT_HOUR
    return least * HOURS * (reads + writes)


def _traffic() -> float:
    return SENT_BYTES / GIB * prices.TRANSFER_OUT_GB


def _svix(many: float, webhooks: int) -> float:
    beyond = max(0.0, many * MILLION / webhooks - prices.SVIX_PLAN_MESSAGES)
    return prices.SVIX_PLAN + beyond * prices.SVIX_MESSAGE


def _hookdeck_event(many: float) -> float:
    """The list names the price of the first million and of the largest volumes: between, evenly."""
    share = min(1.0, max(0.0, math.log10(max(many, 1)) / 3))
    first, last = prices.HOOKDECK_EVENT, prices.HOOKDECK_EVENT_AT_VOLUME
    return first + (last - first) * share


def _servers(many: float, webhooks: int) -> float:
    """One of the pair is to be enough by itself: the other may fail."""
    a_second = many * MILLION / (HOURS * 3600) * PEAK
    servers = 1 + math.ceil(max(1, a_second * SERVER_CPU_SECONDS[webhooks] / (CORES * USED)))
    sizes = math.ceil(max(1, a_second * DATABASE_CPU_SECONDS[webhooks] / (CORES * USED)))
    size = 2 ** math.ceil(math.log2(sizes))
    by_the_hour: Sequence[float] = (
        servers * prices.SERVER_HOUR,
        prices.BALANCER_HOUR,
        2 * size * prices.DATABASE_HOUR,
        2 * prices.CACHE_HOUR,
    )
    kept = many * MILLION * KEPT_BYTES / GIB * 2 * prices.DATABASE_GB_MONTH
    return HOURS * sum(by_the_hour) + kept + many * MILLION * _traffic()
