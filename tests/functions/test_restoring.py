"""The runbook's task of putting lost tables back, in the order that it gives."""

from __future__ import annotations

import re
from pathlib import Path

from tests.contract.http.endpoints import OK, answering
from tests.functions.whole_stack import a_whole_stack

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def order_of_the_runbook(lost: str) -> list[str]:
    """The tables to put back, in order."""
    (row,) = re.findall(rf"^\| {re.escape(lost)} \| (.*) \|$", PAGE, re.MULTILINE)
    return re.findall(r"`([a-z-]+)` \(`", row)


def test_events_and_deliveries_put_back_are_not_delivered_again() -> None:
    tables = order_of_the_runbook("events, deliveries, attempts")
    assert set(tables) == {"events", "fan-outs", "deliveries", "attempts"}
    with a_whole_stack() as stack, answering(OK) as endpoint:
        url = f"http://127.0.0.1:{endpoint.port}/hook"
        hook = {"name": "n", "events": ["*"], "url": url}
        stack.client("POST", "/v1/tenants/acme/webhooks", hook)
        stack.client("POST", "/v1/tenants/acme/events", {"type": "order.paid"})
        stack.deliver()
        assert len(endpoint.requests) == 1
        restored = {table: stack.lose(table) for table in tables}
        for table in tables:
            stack.put_back(table, restored[table])
            stack.deliver()
            stack.webhook_round()
            stack.deliver()
            assert len(endpoint.requests) == 1, f"delivered again once {table} were put back"
