"""JMESPath expressions of strangers, compiled and evaluated within bounds.

A webhook's filter, an inbound provider's match and the fields of an inbound ``publish`` action are
such expressions (https://jmespath.org/specification.html).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jmespath import exceptions

from hookline.domain.documents import strict_json
from hookline.domain.sandbox.allowance import Allowance, Exhausted
from hookline.domain.sandbox.metered_jmespath import (
    FUNCTION_ARITY,
    MeteredInterpreter,
    Node,
    OutOfSteps,
)
from hookline.domain.sandbox.strict_jmespath import StrictLexer, StrictParser
from hookline.errors import HooklineError, Refused

MAX_BYTES = 4_096
"""Bytes of an expression (product rule)."""

MAX_BRACKETS = 32
"""Brackets inside brackets."""

MAX_DEPTH = 128
"""Nodes below nodes; `a || b || …` is one deeper for each. Python takes three frames for a
level, and seven for a bracket of a function: both bounds together stay clear of its recursion
limit."""

MAX_STEPS = 100_000
"""Nodes visited, elements touched and characters copied / 16 in one evaluation: some 100 ms."""

_CACHE_SIZE = 256
_OPENING = frozenset({"lparen", "lbracket", "lbrace", "filter"})
_CLOSING = frozenset({"rparen", "rbracket", "rbrace"})


class InvalidExpression(Refused):
    """The expression cannot be evaluated; ``position`` counts its characters from 0."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason}, at character {position}")
        self.reason = reason
        self.position = position


class ExpressionFailed(HooklineError):  # noqa: N818 - named for what happened, as all in our tree
    """The expression has no result for this value; the message says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression, safe to use from several threads."""

    text: str
    tree: Node = field(repr=False, compare=False)

    def part(self, node: Node) -> Expression:
        """The expression that one of its own nodes is."""
        return Expression(self.text, node)

    def evaluate(self, value: object, allowance: Allowance | None = None) -> object:
        """The plain value that the expression selects from ``value``, None if there is none.

        Raises ExpressionFailed if a function gets what it does not take, or the evaluation takes
        more than `MAX_STEPS`; Exhausted if the shared ``allowance`` runs out first.
        """
        most = MAX_STEPS if allowance is None else min(MAX_STEPS, allowance.left)
        interpreter = MeteredInterpreter(most)
        try:
            return interpreter.result_of(self.tree, value)
        except OutOfSteps:
            if allowance is not None and most < MAX_STEPS:
                raise Exhausted from None
            raise ExpressionFailed(f"the expression takes more than {MAX_STEPS} steps") from None
        except exceptions.JMESPathTypeError as error:
            # The library's own message quotes the value, which may be large and must not be logged.
            raise ExpressionFailed(
                f"{error.function_name}() takes {' or '.join(error.expected_types)},"
                f" not {error.actual_type}"
            ) from None
        except (exceptions.JMESPathError, ValueError, ArithmeticError, TypeError) as error:
            raise ExpressionFailed(f"the expression fails: {error}") from None
        finally:
            if allowance is not None:
                allowance.pay(most - interpreter.left)


def compile_expression(text: str) -> Expression:
    """The compiled expression. Kept in a small cache.

    Raises InvalidExpression, with the position, if it is malformed, calls an unknown function, is
    longer than `MAX_BYTES` or nested deeper than `MAX_DEPTH`.
    """
    if len(text.encode()) > MAX_BYTES:
        raise InvalidExpression(f"The expression is longer than {MAX_BYTES} bytes", MAX_BYTES)
    return _compiled(text)


def truthy(value: object) -> bool:
    """Truth in JMESPath: all but null, false and what is empty. The number 0 is true."""
    return not (value is None or value is False or value in ("", [], {}))


@lru_cache(_CACHE_SIZE)
def _compiled(text: str) -> Expression:
    try:
        _check_brackets(text)
        tree = StrictParser().parse(text)
    except exceptions.ParseError as error:
        raise InvalidExpression(_reason(error, text), error.lex_position) from None
    except exceptions.EmptyExpressionError:
        raise InvalidExpression("The expression is empty", 0) from None
    except RecursionError:
        raise InvalidExpression(f"Nesting is deeper than {MAX_DEPTH} levels", 0) from None
    _check_tree(tree, text)
    return Expression(text, tree)


def _reason(error: exceptions.ParseError, text: str) -> str:
    if isinstance(error, exceptions.LexerError):
        return f"The expression is malformed: {error.message}"
    if error.lex_position >= len(text):
        return "The expression ends too early"
    return f"Unexpected {error.token_value!r}"


def _check_brackets(text: str) -> None:
    # Parentheses leave no trace in the tree, but the parser recurses into them.
    depth = 0
    for token in StrictLexer().tokenize(text):
        if token["type"] in _OPENING:
            depth += 1
            if depth > MAX_BRACKETS:
                raise InvalidExpression(
                    f"Nesting is deeper than {MAX_BRACKETS} levels", token["start"]
                )
        elif token["type"] in _CLOSING:
            depth -= 1
        elif token["type"] == "literal" and strict_json.levels(token["value"]) > MAX_BRACKETS:
            raise InvalidExpression(
                f"A literal nests deeper than {MAX_BRACKETS} levels", token["start"]
            )


def _check_tree(tree: Node, text: str) -> None:
    pending: list[tuple[Any, int]] = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        if not isinstance(node, dict):  # a slice's children are its bounds
            continue
        if depth > MAX_DEPTH:
            raise InvalidExpression(f"Nesting is deeper than {MAX_DEPTH} levels", 0)
        if node["type"] == "function_expression":
            _check_call(node, text)
        pending.extend((child, depth + 1) for child in node["children"])


def _check_call(node: Node, text: str) -> None:
    name = node["value"]
    position = max(text.find(f"{name}("), 0)
    arity = FUNCTION_ARITY.get(name)
    if arity is None:
        raise InvalidExpression(f"There is no function {name}()", position)
    given = len(node["children"])
    if given < arity.least or (given > arity.least and not arity.variadic):
        least = f"at least {arity.least}" if arity.variadic else str(arity.least)
        raise InvalidExpression(f"{name}() takes {least} arguments, not {given}", position)
