"""Loads the event types that ship in `catalogue/` into a tenant, through the API.

Usage, `make catalogue` does it::

    KEY=hl_… .local/venvs/local/bin/python -m local.catalogue acme unleash izanami --api https://…

Without `--api` and KEY it is the local stack that is up, with its root key.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

from local.api import Api
from local.options import ROOT, LocalError

CATALOGUE = ROOT / "catalogue"
STACK = ROOT / ".local" / "stack.json"


def load(api: Api, tenant: str, systems: Sequence[str]) -> tuple[int, int]:
    """Adds the types of some systems; what the tenant has described itself stays as it is.

    Returns:
        How many were added, and how many were there before.

    Raises:
        LocalError: the API refused one; those before it are added.
    """
    path = f"/v1/tenants/{quote(tenant, safe='')}/event-types"
    known = set(_known(api, path))
    added = 0
    entries = [entry for system in systems for entry in _entries(system)]
    for entry in entries:
        event_type = entry["type"]
        if event_type in known:
            continue
        body = {name: value for name, value in entry.items() if name != "type"}
        api.put(f"{path}/{quote(str(event_type), safe='')}", body)
        added += 1
    return added, len(entries) - added


def shipped() -> list[str]:
    """The systems that there is a file for."""
    return sorted(file.stem for file in CATALOGUE.glob("*.json"))


def _entries(system: str) -> list[dict[str, object]]:
    document = json.loads((CATALOGUE / f"{system}.json").read_text(encoding="utf-8"))
    entries: list[dict[str, object]] = document["event_types"]
    return entries


def _known(api: Api, path: str) -> Iterator[str]:
    query = {"limit": "100"}
    while True:
        page = api.get(f"{path}?{urlencode(query)}")
        yield from (item["type"] for item in page["items"])
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


def main() -> int:
    """Reads the command line and KEY. Returns the process's exit code."""
    parser = argparse.ArgumentParser(prog="local.catalogue", description=__doc__)
    parser.add_argument("tenant")
    parser.add_argument("systems", nargs="*", help=f"out of {', '.join(shipped())}; all of them")
    parser.add_argument("--api", help="the API's address")
    parser.add_argument("--stack", type=Path, default=STACK, help="stack.json of a local stack")
    asked = parser.parse_args()
    unknown = sorted(set(asked.systems) - set(shipped()))
    if unknown:
        parser.error(f"there is no catalogue of {', '.join(unknown)}")
    try:
        api = _api(asked.api, os.environ.get("KEY"), asked.stack)
        added, there = load(api, asked.tenant, asked.systems or shipped())
    except LocalError as failure:
        print(f"Failed: {failure}\n\n{failure.hint}", file=sys.stderr)
        return 1
    print(f"{added} event types added to {asked.tenant}; {there} were there before.")
    return 0


def _api(base: str | None, key: str | None, stack: Path) -> Api:
    if base is not None:
        if not key:
            raise LocalError("KEY is not set", "Set KEY to a key with tenant write.")
        return Api(base.rstrip("/"), key)
    try:
        found = json.loads(stack.read_text())
    except OSError as missing:
        raise LocalError(
            "no local stack is up", "Start one with `make run`, or set API=https://… and KEY=hl_…"
        ) from missing
    return Api(found["api"], key or found["root_key"])


if __name__ == "__main__":
    sys.exit(main())
