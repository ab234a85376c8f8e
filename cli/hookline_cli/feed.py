"""Deliveries as they come, read from the API's lists again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from hookline_cli.client import Client

MOST_PAGES = 10
"""A look reads so many pages at most: what is further back is left where it is."""
_KEPT = 5_000


class Feed(Protocol):
    """Where deliveries come from."""

    def look(self) -> list[dict[str, Any]]:
        """Deliveries that are new, or further on than when they were last seen; oldest first."""
        ...


class WebhookFeed:
    """The deliveries of one webhook, its newest and all that has not been attempted yet.

    What is there at the beginning is known, but for what was created since a time.
    """

    def __init__(self, client: Client, webhook_id: str, since: str | None = None) -> None:
        self._client = client
        self._path = f"/webhooks/{webhook_id}/deliveries"
        first = client.get(self._path, limit=100)
        items = first["items"]
        oldest = items[-1]["created_at"] if items and first["next_cursor"] else ""
        self._from = since or oldest
        self._known = {
            item["id"]: _state(item)
            for item in items
            if since is None or item["created_at"] < since
        }

    def look(self) -> list[dict[str, Any]]:
        """One call, more where a page was not enough for what is new."""
        changed: list[dict[str, Any]] = []
        waiting = {each for each, (_, attempts) in self._known.items() if attempts == 0}
        for page in self._pages():
            new = [item for item in page if self._is_news(item)]
            changed += new
            waiting -= {item["id"] for item in page}
            if len(new) < len(page) and not waiting:
                break
        else:
            # Too far back to be seen again: a look must not grow with what waits.
            for each in waiting:
                self._known[each] = ("", -1)
        self._known |= {item["id"]: _state(item) for item in changed}
        while len(self._known) > _KEPT:
            self._known.pop(next(iter(self._known)))
        return changed[::-1]

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        cursor = None
        for _ in range(MOST_PAGES):
            page = self._client.get(self._path, limit=100, cursor=cursor)
            yield page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _is_news(self, item: dict[str, Any]) -> bool:
        known = self._known.get(item["id"])
        return item["created_at"] >= self._from if known is None else known != _state(item)


class TenantFeed:
    """The deliveries of a tenant's new events, each until it was attempted by every webhook.

    One call a look while nothing happens, and one for each event that is not through.
    """

    PATIENCE = 120
    """So many looks an event is followed; a circuit may hold its deliveries for hours."""

    def __init__(self, client: Client, since: str | None = None) -> None:
        self._client = client
        first = client.get("/events", limit=100)
        items = first["items"]
        oldest = items[-1]["accepted_at"] if items and first["next_cursor"] else ""
        self._from = since or oldest
        self._events = {
            item["id"]: 0 for item in items if since is None or item["accepted_at"] < since
        }
        self._open: dict[str, tuple[int, int]] = {}
        self._known: dict[str, tuple[str, int]] = {}

    def look(self) -> list[dict[str, Any]]:
        """New events, then how far each that is not through has come."""
        for event in self._new_events():
            self._open[event["id"]] = (event["matched_webhooks"], self.PATIENCE)
        changed: list[dict[str, Any]] = []
        seen: dict[str, tuple[str, int]] = {}
        still: dict[str, tuple[int, int]] = {}
        for event_id, (wanted, looks) in self._open.items():
            items = list(self._client.items(f"/events/{event_id}/deliveries"))
            changed += [item for item in items[::-1] if self._known.get(item["id"]) != _state(item)]
            seen |= {item["id"]: _state(item) for item in items}
            through = len(items) >= wanted and all(map(attempts_made, items))
            if not through and looks > 0:
                still[event_id] = (wanted, looks - 1)
        # Only now: a look that the API cut short is made again, and has told nothing yet.
        self._open = still
        self._known |= seen
        for known in (self._known, self._events):
            while len(known) > _KEPT:
                known.pop(next(iter(known)))
        return changed

    def _new_events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = None
        for _ in range(MOST_PAGES):
            page = self._client.get("/events", limit=100, cursor=cursor)
            new = [
                item
                for item in page["items"]
                if item["id"] not in self._events and item["accepted_at"] >= self._from
            ]
            found += new
            cursor = page["next_cursor"]
            if cursor is None or len(new) < len(page["items"]):
                break
        self._events |= {item["id"]: 0 for item in found}
        return [item for item in found[::-1] if item["matched_webhooks"]]


def attempts_made(item: dict[str, Any]) -> int:
    """How many attempts of a delivery are in its log: `attempt_count` counts one on its way too."""
    attempt = item["last_attempt"]
    return 0 if attempt is None else int(attempt["number"])


def _state(item: dict[str, Any]) -> tuple[str, int]:
    return item["status"], attempts_made(item)
