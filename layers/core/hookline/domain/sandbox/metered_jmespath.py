"""JMESPath's interpreter with a meter: every step is paid for before it is taken.

The library has no bounds of its own. `[@, @] | [@, @] | …` doubles a value with every pipe, which
costs nothing while the parts are shared, and exponentially much once it is flattened, printed or
compared. Only this file depends on the library's internals.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jmespath import functions, visitor

from hookline.domain.documents import strict_json
from hookline.domain.sandbox.text_functions import TextFunctions

_CHARACTERS_PER_STEP = 16

Node = Any
"""A node of the library's syntax tree: a dict of type, value and children."""


class OutOfSteps(Exception):  # noqa: N818 - a signal between two modules, never an error of its own
    """The steps that were granted are used up."""


class Meter:
    """Counts down the steps that one evaluation may take."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    @property
    def left(self) -> int:
        """Steps that are left."""
        return max(0, self._left)

    def pay(self, steps: int) -> None:
        """Raises OutOfSteps if fewer are left."""
        self._left -= steps
        if self._left < 0:
            raise OutOfSteps

    def pay_for_text(self, characters: int) -> None:
        """Pays for copying a text."""
        self.pay(1 + characters // _CHARACTERS_PER_STEP)

    def pay_for_whole(self, value: object) -> None:
        """Pays for walking through a value, for shared parts each time.

        Raises TypeError if a part is not JSON, such as an expression reference or a NaN.
        """
        pending = [value]
        while pending:
            part = pending.pop()
            if isinstance(part, str):
                self.pay_for_text(len(part))
            elif isinstance(part, list):
                self.pay(1 + len(part))
                pending.extend(part)
            elif isinstance(part, dict):
                self.pay(1 + len(part))
                pending.extend(part.values())
            elif part is None or isinstance(part, int) or _is_finite(part):
                self.pay(1)
            else:
                raise TypeError("its result is not a value of JSON")


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


@dataclass(frozen=True, slots=True)
class Arity:
    """How many arguments a function takes."""

    least: int
    variadic: bool


class MeteredFunctions(TextFunctions):
    """JMESPath's functions and our own for texts; each pays for the size of its arguments."""

    _meter: Meter

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        """Calls a function of the specification by its name."""
        arguments = list(resolved_args)
        for argument in arguments:
            self._pay_for_argument(argument)
        return super().call_function(function_name, arguments)

    def _pay_for_argument(self, argument: object) -> None:
        if isinstance(argument, str):
            self._meter.pay_for_text(len(argument))
        elif isinstance(argument, dict):
            self._meter.pay(1 + len(argument))
        elif isinstance(argument, list):
            # Sorting and joining read the texts themselves.
            for element in argument:
                self._meter.pay_for_text(len(element) if isinstance(element, str) else 0)

    @functions.signature({"types": []})
    def _func_to_string(self, arg: Any) -> str:
        if isinstance(arg, str):
            return arg
        self._meter.pay_for_whole(arg)
        return strict_json.dumps(arg)

    @functions.signature({"types": []})
    def _func_to_number(self, arg: Any) -> Any:
        if isinstance(arg, bool) or not isinstance(arg, str | int | float):
            return None
        if not isinstance(arg, str):
            return arg
        try:
            read = strict_json.loads(arg)
        except strict_json.NumberOutOfRange:
            return None
        except strict_json.InvalidJson:
            read = None
        if isinstance(read, int | float) and not isinstance(read, bool):
            return read
        try:
            number: int | float = int(arg)
        except ValueError:
            number = _float(arg)
        # "1e999" and "nan" are no JSON numbers, though Python reads them as numbers.
        return number if math.isfinite(number) else None

    @functions.signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject: Any, search: Any) -> bool:
        if isinstance(subject, str):
            return isinstance(search, str) and search in subject
        self._meter.pay_for_whole(subject)
        self._meter.pay_for_whole(search)
        return any(visitor.TreeInterpreter.COMPARATOR_FUNC["eq"](each, search) for each in subject)

    @functions.signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, separator: str, array: list[str]) -> str:
        self._meter.pay_for_text(sum(map(len, array)) + len(separator) * len(array))
        return separator.join(array)


FUNCTION_ARITY = {
    name: Arity(len(entry["signature"]), bool(entry["signature"][-1].get("variadic")))
    for name, entry in MeteredFunctions.FUNCTION_TABLE.items()
}
"""All functions, by name."""


class MeteredInterpreter(visitor.TreeInterpreter):
    """Walks an expression's tree over a value; good for one evaluation."""

    def __init__(self, steps: int) -> None:
        self._meter = Meter(steps)
        super().__init__(visitor.Options(custom_functions=MeteredFunctions(self._meter)))

    @property
    def left(self) -> int:
        """Steps that are left."""
        return self._meter.left

    def result_of(self, tree: Node, value: object) -> object:
        """What the tree selects from ``value``, as plain data.

        Raises OutOfSteps, what the library raises, and TypeError when it is not plain data.
        """
        result = self.visit(tree, value)
        self._meter.pay_for_whole(result)
        return result

    def visit(self, node: Node, *args: Any, **kwargs: Any) -> Any:
        """One node's value; each element of a projection is visited too."""
        self._meter.pay(1)
        return super().visit(node, *args, **kwargs)

    def visit_flatten(self, node: Node, value: Any) -> Any:
        """The list with one level of nesting less."""
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        self._meter.pay(sum(len(part) if isinstance(part, list) else 1 for part in base))
        merged: list[Any] = []
        for part in base:
            merged.extend(part if isinstance(part, list) else [part])
        return merged

    def visit_slice(self, node: Node, value: Any) -> Any:
        """A part of a list."""
        if isinstance(value, list):
            self._meter.pay(len(value))
        return super().visit_slice(node, value)

    def visit_comparator(self, node: Node, value: Any) -> Any:
        """Compares two values, lists and objects in depth."""
        left, right = (self.visit(child, value) for child in node["children"])
        for side in (left, right):
            if isinstance(side, list | dict | str):
                self._meter.pay_for_whole(side)
        # Only numbers and, by common usage, texts have an order; all else compares to null.
        if node["value"] in ("eq", "ne") or _have_an_order(left, right):
            return self.COMPARATOR_FUNC[node["value"]](left, right)
        return None


def _have_an_order(left: object, right: object) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    return numbers or (isinstance(left, str) and isinstance(right, str))


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
