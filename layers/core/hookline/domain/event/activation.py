"""Whether a feature is active for one webhook's context and user (reference row IZ-4).

An event's ``feature`` holds strategies keyed by context path, ``""`` being the base::

    {"id": "f1", "name": "summer-sales",
     "strategies": {"": {"enabled": true, "resultType": "boolean", "conditions": [
         {"period": {"begin": …, "end": …, "timezone": "Europe/Paris",
                     "hourPeriods": [{"startTime": "08:00", "endTime": "20:00"}],
                     "activationDays": {"days": ["MONDAY"]}},
          "rule": {"percentage": 25}}]}}}

They come from publishers: one that makes no sense never raises, it counts as inactive and says why.
Its names are accepted in camelCase, as the reference system writes them, and in snake_case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeIs

from hookline.domain.documents import strict_json
from hookline.domain.event.activation_period import BrokenPeriod, in_either_case, period_holds

ResultType = Literal["boolean", "string", "number"]

MAX_TEXT_BYTES = 64 * 1024
"""The size of a textual activation, as JSON. It is stored with its delivery, whose item must
also fit an attempt of 240 KB and more into DynamoDB's 400 KB."""

_SEED = 42


@dataclass(frozen=True, slots=True)
class Activation:
    """The result: a bool, or a string's or number's value, None if that is disabled.

    ``problem`` says what could not be understood, and so counted as inactive.
    """

    value: bool | str | int | float | None
    problem: str | None = None

    def as_plain(self) -> dict[str, object]:
        """In the form that the fan-out stores and that joins ``feature`` in body and template."""
        told = {} if self.problem is None else {"activation_problem": self.problem}
        return {"active": self.value, **told}


@dataclass(frozen=True, slots=True)
class _Strategy:
    enabled: bool
    result_type: ResultType
    conditions: list[object]
    value: object


class _Broken(Exception):  # noqa: N818 - caught in this file, where it becomes a value
    """What the publisher wrote cannot be understood."""


def activation_of(
    feature: Mapping[str, object], context: str | None, user: str | None, now: datetime
) -> Activation:
    """The activation of a feature for a context path ("a/b") and a user at ``now``."""
    try:
        strategy = _strategy(resolve(feature.get("strategies"), context or ""))
    except _Broken as broken:
        return Activation(False, str(broken))
    name = feature.get("name")
    asked = _Asked(name if isinstance(name, str) else "", user or "", now)
    if strategy.result_type == "boolean":
        return _boolean(strategy, asked)
    return _valued(strategy, asked)


def resolve(strategies: object, context: str) -> object:
    """The strategy of the context, else of its nearest ancestor by path segment, else the base.

    A strategy replaces those above it as a whole. None if there is not even a base.
    """
    if not isinstance(strategies, Mapping):
        raise _Broken("strategies must be an object keyed by context path")
    by_path = {str(path).strip("/"): strategy for path, strategy in strategies.items()}
    segments = context.strip("/").split("/")
    for length in range(len(segments), 0, -1):
        path = "/".join(segments[:length])
        if path in by_path:
            return by_path[path]
    return by_path.get("")


def bucket(name: str, user: str) -> int:
    """1 to 100, evenly spread, and always the same for a feature's name and a user."""
    import mmh3  # noqa: PLC0415 - compiled code that only features with percentages need

    return abs(mmh3.hash(f"{name}-{user}".encode(), _SEED, signed=True)) % 100 + 1


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    user: str
    now: datetime


def _strategy(raw: object) -> _Strategy:
    if raw is None:
        raise _Broken("there is no strategy for the context and no base")
    if not isinstance(raw, Mapping):
        raise _Broken("a strategy must be an object")
    enabled = raw.get("enabled")
    if not isinstance(enabled, bool):
        raise _Broken("enabled must be true or false")
    conditions = raw.get("conditions")
    if not isinstance(conditions, list | None):
        raise _Broken("conditions must be a list")
    result_type = in_either_case(raw, "resultType", "result_type") or "boolean"
    if result_type not in ("boolean", "string", "number"):
        raise _Broken("resultType must be boolean, string or number")
    return _Strategy(enabled, result_type, conditions or [], raw.get("value"))


def _boolean(strategy: _Strategy, asked: _Asked) -> Activation:
    if not strategy.enabled:
        return Activation(False)
    if not strategy.conditions:
        return Activation(True)
    holding, problem = _first_that_holds(strategy, asked)
    return Activation(True) if holding is not None else Activation(False, problem)


def _valued(strategy: _Strategy, asked: _Asked) -> Activation:
    if not strategy.enabled:
        return Activation(None)
    holding, problem = _first_that_holds(strategy, asked)
    value = strategy.value if holding is None else holding.get("value")
    if strategy.result_type == "string" and isinstance(value, str):
        if len(strict_json.dumps(value).encode()) - len('""') > MAX_TEXT_BYTES:
            return Activation(None, f"the value must not have more than {MAX_TEXT_BYTES} bytes")
        return Activation(value, problem)
    if strategy.result_type == "number" and _is_number(value):
        return Activation(value, problem)
    return Activation(None, problem or f"the value must be a {strategy.result_type}")


def _first_that_holds(
    strategy: _Strategy, asked: _Asked
) -> tuple[Mapping[str, object] | None, str | None]:
    # A broken condition does not hold; the others still may.
    problem = None
    for raw in strategy.conditions:
        try:
            condition = _condition(raw)
            if _holds(condition, asked):
                return condition, problem
        except (_Broken, BrokenPeriod) as broken:
            problem = problem or str(broken)
    return None, problem


def _condition(raw: object) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        raise _Broken("a condition must be an object")
    return raw


def _holds(condition: Mapping[str, object], asked: _Asked) -> bool:
    in_period = period_holds(condition.get("period"), asked.now)
    return in_period and _rule_holds(condition.get("rule"), asked)


def _rule_holds(rule: object, asked: _Asked) -> bool:
    if not rule:
        return True
    if not isinstance(rule, Mapping) or not rule.keys() & {"percentage", "users"}:
        raise _Broken("a rule must have users or a percentage")
    return _within_percentage(rule, asked) and _among_users(rule, asked)


def _within_percentage(rule: Mapping[str, object], asked: _Asked) -> bool:
    if "percentage" not in rule:
        return True
    percentage = rule["percentage"]
    if not _is_number(percentage):
        raise _Broken("percentage must be a number")
    return bucket(asked.name, asked.user) <= percentage


def _among_users(rule: Mapping[str, object], asked: _Asked) -> bool:
    if "users" not in rule:
        return True
    users = rule["users"]
    if not isinstance(users, list):
        raise _Broken("users must be a list")
    return asked.user in users


def _is_number(value: object) -> TypeIs[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
