"""Measures everything and prints one table; the same goes to .local/bench.json for `bench.cost`.

Takes three minutes. Ratios are to a bare ``requests`` POST of the same body in the same process;
on a busy machine run it twice and believe the smaller figures.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from bench import console, endpoint, packages, recording
from bench.cost import MEASURED
from bench.meter import Bill
from bench.recorded import Recording
from tests.worlds.account import REGION

RESULTS = packages.ROOT / ".local" / "bench.json"
_DELAYS = (0, 50, 500)
_WORK = ("api", "fanout", "sender")
_PATH = ("layers/core", *(f"functions/{name}" for name in packages.FUNCTIONS))


def main() -> None:
    """Everything, one after the other: measurements side by side would measure each other."""
    results: dict[str, Any] = {
        "zip_bytes": packages.sizes(),
        "import_ms": packages.import_milliseconds(),
        "client_ms": packages.client_milliseconds(),
        "console_looks": [console.first_look(), console.later_look()],
        "stacks": {},
        "per_second": {},
    }
    with tempfile.TemporaryDirectory() as folder, endpoint.running() as endpoints:
        for webhooks in (1, 10):
            path = Path(folder) / f"{webhooks}.pickle"
            recorded = _recorded(webhooks, endpoints, path)
            results["stacks"][str(webhooks)] = {
                **_figures(recorded),
                "cpu": {what: _child("bench.cpu", path, what, endpoints[0]) for what in _WORK},
                "kernel": {what: _child("bench.kernel", path, what) for what in _WORK},
            }
        for delay in _DELAYS:
            rate = _child("bench.speed", Path(folder) / "10.pickle", delay)["per_second"]
            results["per_second"][str(delay)] = rate
    results["many"] = _child("bench.many")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print_table(list(_beside(json.loads(MEASURED.read_text()), results)))
    print(
        f"\nAs JSON: {RESULTS.relative_to(packages.ROOT)}; kept: {MEASURED.name}; costs: make cost"
    )


def _recorded(webhooks: int, endpoints: Sequence[str], path: Path) -> Recording:
    made = recording.record(webhooks, endpoints)
    path.write_bytes(pickle.dumps(made))
    return made


def _figures(made: Recording) -> dict[str, Any]:
    phases = {"published": made.published, "fanned_out": made.fanned_out, "sent": made.sent}
    return {
        "events": made.events,
        "deliveries": made.deliveries,
        "logged_bytes": made.logged_bytes,
        # Not asdict(): that makes pairs of a Counter's keys.
        "bills": {
            name: {field.name: dict(getattr(bill, field.name)) for field in fields(bill)}
            for name, bill in phases.items()
        },
    }


def _child(module: str, *arguments: object) -> Any:
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env["PYTHONPATH"] = ":".join([".", *_PATH])
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env |= dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing")
    env["AWS_DEFAULT_REGION"] = REGION
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=packages.ROOT, env=env, stdout=subprocess.PIPE, check=True, text=True
    )
    return json.loads(done.stdout)


def _beside(kept: dict[str, Any], results: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """What was measured beside what is kept, which was measured before."""
    before = {name: figures for name, *figures in _rows(kept)}
    yield "", "now", "", "kept", ""
    for name, *figures in _rows(results):
        yield name, *figures, *before.get(name, ("", ""))


def _rows(results: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in packages.FUNCTIONS:
        clock, cpu = results["import_ms"][name]
        size = results["zip_bytes"][name] / 1024
        yield f"{name}: imports, zip", f"{clock:.0f} ms ({cpu:.0f} of CPU)", f"{size:.0f} KB"
    clock, cpu = results["import_ms"]["botocore"]
    yield "botocore alone: imports", f"{clock:.0f} ms ({cpu:.0f} of CPU)", ""
    clock, cpu = results["client_ms"]
    yield "clients of tables and queues", f"{clock:.0f} ms ({cpu:.0f} of CPU)", ""
    yield "core layer, zipped", "", f"{results['zip_bytes']['core layer'] / 1024:.0f} KB"
    first, later = (f"${each:.3f} a thousand" for each in results["console_looks"])
    yield "a look at the console: the first, later ones", first, later
    for webhooks, stack in results["stacks"].items():
        yield from _stack_rows(f"1 to {webhooks}", stack)
    for delay, rate in results["per_second"].items():
        yield f"one sender process, endpoints of {delay} ms", f"{rate:.0f} deliveries/s", ""
    many = results["many"]
    yield (
        f"one event to {many['webhooks']:,} webhooks",
        f"{many['invocations']} invocations",
        f"{many['most_calls']} AWS calls in the largest",
    )


def _stack_rows(name: str, stack: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    units = {"api": "published event", "fanout": "fanned-out delivery", "sender": "sent delivery"}
    for what, unit in units.items():
        cpu = stack["cpu"][what]
        yield (
            f"{name}: CPU per {unit}",
            f"{cpu['milliseconds']:.2f} ms",
            f"{cpu['ratio']:.2f} x requests.post",
        )
    yield from _together_rows(name, stack)
    events, deliveries = stack["events"], stack["deliveries"]
    published, fanned_out, sent = map(Bill.from_json, stack["bills"].values())
    calls = (published.total_calls() + fanned_out.total_calls()) / events
    yield f"{name}: AWS calls per event (api, fanout)", f"{calls:.2f}", ""
    yield f"{name}: AWS calls per delivery (sender)", f"{sent.total_calls() / deliveries:.2f}", ""
    written = sum(sum(bill.write_units.values()) for bill in (published, fanned_out, sent))
    stored = sum(sum(bill.stored_bytes.values()) for bill in (published, fanned_out, sent))
    yield (
        f"{name}: written per delivery",
        f"{written / deliveries:.2f} units of 1 KB",
        f"{stored / deliveries:.0f} bytes kept",
    )
    peak = max(cpu["peak_mb"] for cpu in stack["cpu"].values())
    yield (
        f"{name}: memory peak",
        f"{stack['cpu']['sender']['peak_mb']:.0f} MB (sender)",
        (f"{peak:.0f} MB (largest)"),
    )


def _together_rows(name: str, stack: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """All functions' CPU of a delivery: of the work alone, and as the kernel counts it."""
    share = {"api": stack["events"] / stack["deliveries"], "fanout": 1, "sender": 1}
    floor = min(cpu["floor_milliseconds"] for cpu in stack["cpu"].values())
    measures = {
        "AWS stubbed, in process": ("cpu", "milliseconds"),
        "by the kernel, without AWS's sockets": ("kernel", "without_aws"),
        "by the kernel": ("kernel", "kernel"),
    }
    for title, (kind, field) in measures.items():
        each = {what: stack[kind][what][field] * part for what, part in share.items()}
        parts = ", ".join(f"{what} {spent:.2f}" for what, spent in each.items())
        spent = sum(each.values())
        yield (
            f"{name}: CPU per delivery, {title}",
            f"{spent:.2f} ms ({parts})",
            f"{spent / floor:.2f} x requests.post",
        )


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """In columns as wide as they need."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    main()
