"""How many of our files one journey enters: as many as a reader opens who follows it.

Counted, not timed: each file of ours in which a function starts while the journey runs, in whatever
thread. What is built at a cold start is not part of a journey.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

import pytest

from tests.contract.http.endpoints import OK, answering
from tests.worlds.client import gateway_event
from tests.worlds.stack import a_stack

ROOT = Path(__file__).parents[2]
_OURS = tuple(str(ROOT / folder) for folder in ("layers/core/hookline/", "functions/"))
_TOOL = 4


@contextmanager
def entered() -> Iterator[set[str]]:
    """Fills with the paths of our files, below the repository."""
    files: set[str] = set()

    def start(code: CodeType, _offset: int) -> object:
        if code.co_filename.startswith(_OURS) and code.co_name != "<module>":
            files.add(str(Path(code.co_filename).relative_to(ROOT)))
        return sys.monitoring.DISABLE

    sys.monitoring.use_tool_id(_TOOL, "journeys")
    sys.monitoring.register_callback(_TOOL, sys.monitoring.events.PY_START, start)
    sys.monitoring.set_events(_TOOL, sys.monitoring.events.PY_START)
    sys.monitoring.restart_events()
    try:
        yield files
    finally:
        sys.monitoring.set_events(_TOOL, 0)
        sys.monitoring.free_tool_id(_TOOL)


PUBLISHED = {"type": "flow.executed", "data": {"id": 1}}

MOST = {
    "publish": 29,
    "stream record": 33,
    "attempt": 49,
    "inbound call": 36,
    "inbound message": 43,
}
"""Files that a journey enters at most: a new one replaces an old one, or says here why not.

``shards.py`` came last: where a key lies is one rule for all who read or write it. With it the
adapter of fan-outs was more than a reader takes in, and left its items to ``fan_out_item.py``.
"""


@pytest.fixture
def journeys() -> Iterator[Mapping[str, Callable[[], object]]]:
    """Each journey's second time: at its first, processes build what they keep."""
    with a_stack() as stack, answering(OK) as endpoint:
        acme = stack.acme
        acme.a_webhook(url=f"http://127.0.0.1:{endpoint.port}/hook")
        verify = {"type": "token", "header": "X-Token", "token": "s3cr3t"}
        provider = acme.made(
            "/inbound/providers",
            {"name": "any", "match": {"expression": "`true`"}, "verify": verify},
        )
        event = {"type": "'flow.executed'", "data": {"seen": "message.payload"}}
        action = {"type": "publish", "event": event}
        acme.made(
            "/inbound/functions",
            {"name": "f", "provider_id": provider["id"], "uri": "push", "action": action},
        )

        def call() -> None:
            headers = {"X-Token": "s3cr3t"}
            stack.answer(gateway_event("POST", "/in/acme/push", headers=headers, body=b"{}"))

        acme.made("/events", PUBLISHED)
        stack.deliver()
        call()
        stack.work()
        stack.deliver()
        yield {
            "publish": lambda: acme.made("/events", PUBLISHED),
            "stream record": stack._fan_out_new,
            "attempt": lambda: stack.send({"Records": stack.received("deliveries")}),
            "inbound call": call,
            "inbound message": stack.work,
        }


def test_a_journey_enters_no_more_files_than_it_did(
    journeys: Mapping[str, Callable[[], object]],
) -> None:
    longer: dict[str, list[str]] = {}
    for name, journey in journeys.items():
        with entered() as files:
            journey()
        if len(files) > MOST[name]:
            longer[f"{name}: {len(files)}"] = sorted(files)
    assert longer == {}
