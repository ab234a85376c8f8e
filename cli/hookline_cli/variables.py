"""Secrets in a configuration file: `{env: NAME}` stands for what the variable NAME holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain, count
from typing import Any

from hookline_cli.errors import UsageError

MASKED = "*****"
"""What the API shows in place of a secret."""


def variable_in(value: Any) -> str | None:
    """The variable that a value stands for, where it is no value of its own."""
    return value["env"] if isinstance(value, dict) and [*value] == ["env"] else None


def variables_in(value: Any) -> list[str]:
    """All of them, however deep."""
    name = variable_in(value)
    if name is not None:
        return [name]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [found for each in inside for found in variables_in(each)]


def filled(value: Any, environ: Mapping[str, str]) -> Any:
    """The value with what its variables hold.

    Raises:
        UsageError: one is not set.
    """
    name = variable_in(value)
    if name is not None:
        if not environ.get(name):
            raise UsageError(f"the variable {name} is not set")
        return environ[name]
    if isinstance(value, Mapping):
        return {key: filled(each, environ) for key, each in value.items()}
    return [filled(each, environ) for each in value] if isinstance(value, list) else value


def shown(value: Any) -> Any:
    """The value as a plan prints it: `$NAME` for a variable."""
    name = variable_in(value)
    if name is not None:
        return f"${name}"
    if isinstance(value, dict):
        return {key: shown(each) for key, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, list) else value


def without_secrets(value: Any, path: list[str], taken: set[str]) -> Any:
    """The value with a variable, named after its path, in place of each masked secret.

    ``taken`` are the names that stand for others already; it grows by those that are given here.
    """
    if value == MASKED:
        return {"env": _a_name(path, taken)}
    if isinstance(value, dict):
        return {key: without_secrets(each, [*path, key], taken) for key, each in value.items()}
    if isinstance(value, list):
        return [without_secrets(each, [*path, str(n)], taken) for n, each in enumerate(value)]
    return value


def _a_name(path: list[str], taken: set[str]) -> str:
    """One that a shell can set. Paths that differ in other signs alone are told by a number."""
    letters = re.sub(r"[^A-Z0-9]+", "_", "_".join(path).upper()).strip("_")
    name = f"_{letters}" if letters[:1].isdigit() else letters
    numbered = (f"{name}_{n}" for n in count(2))
    free = next(each for each in chain([name], numbered) if each not in taken)
    taken.add(free)
    return free
