"""What is typed, made into values: fields, times, addresses; and text safe for a terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from hookline_cli.errors import UsageError


class _Loader(yaml.SafeLoader):
    """YAML 1.2's words: `on` and `yes` are text, and so is what looks like a date, as in JSON."""


_OF_OLD = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] not in _OF_OLD]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False|TRUE|FALSE)$"), list("tfTF")
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SECRET = re.compile(
    r"(^|\.)(secret|password|token|key|secrets)$|(^|\.)authorization$", re.IGNORECASE
)


def a_moment(text: str, now: datetime) -> str:
    """A time as the API takes it, from ISO 8601 with its zone, or from how long ago: `10m`, `2h`.

    Raises:
        UsageError: it is neither.
    """
    ago = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if ago:
        moment = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(
                f"{text!r} is no time: 2026-11-22T13:00:00Z, or 90s, 10m, 2h, 1d ago"
            ) from None
        if moment.tzinfo is None:
            raise UsageError(f"{text} names no zone: end it with Z or +01:00")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(text: str) -> int:
    """A span: `3600`, `90s`, `10m`, `2h`, `1d`.

    Raises:
        UsageError: it is none.
    """
    span = re.fullmatch(r"(\d{1,9})([smhd]?)", text)
    if span is None:
        raise UsageError(f"{text!r} is no span of time: 90s, 10m, 2h, 1d")
    return int(timedelta(**{_UNITS[span[2] or "s"]: int(span[1])}).total_seconds())


def fields(given: Iterable[str]) -> dict[str, Any]:
    """`name=value` with dots for what is inside; a value that is JSON is that, else text.

    Raises:
        UsageError: one has no `=`, or would put a secret into the list of processes.
    """
    document: dict[str, Any] = {}
    for each in given:
        path, equals, text = each.partition("=")
        if not equals or not path:
            raise UsageError(f"{each!r} is no field: name=value")
        if _SECRET.search(path):
            raise UsageError(
                f"{path} is a secret, which others see in the list of processes: use --file"
            )
        *outer, last = path.split(".")
        inside = document
        for name in outer:
            inside = inside.setdefault(name, {})
        inside[last] = _value(text)
    return document


def document(path: str) -> dict[str, Any]:
    """The YAML or JSON object in a file, `-` for stdin.

    Raises:
        UsageError: there is none.
    """
    try:
        found = parsed(text_of(path))
    except yaml.YAMLError as failure:
        raise UsageError(f"{path} is no YAML: {' '.join(str(failure).split())}") from failure
    if not isinstance(found, dict):
        raise UsageError(f"{path} holds no object")
    return found


def parsed(text: str) -> Any:
    """What YAML or JSON says.

    Raises:
        yaml.YAMLError: it is neither.
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 # a SafeLoader


def text_of(path: str) -> str:
    """A file's text, `-` for stdin."""
    return bytes_of(path).decode("utf-8")


def bytes_of(path: str) -> bytes:
    """A file's bytes, `-` for stdin.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as failure:
        raise UsageError(f"{path}: {failure.strerror}") from failure


def is_loopback(address: str) -> bool:
    """Whether an address is of this machine: only there a key goes without TLS."""
    host = urlsplit(address).hostname or ""
    return host in {"localhost", "::1"} or bool(re.fullmatch(r"127(\.\d{1,3}){3}", host))


def printable(text: object) -> str:
    """Text of others without what would move a terminal's cursor or change its colours."""
    return "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(text)
    )


def columns(rows: Sequence[Sequence[object]]) -> list[str]:
    """Rows side by side, whole however narrow the terminal is: they are grepped and cut."""
    cells = [[printable("-" if cell is None else cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
