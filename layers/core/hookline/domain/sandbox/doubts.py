"""What is legal in a JMESPath expression but almost surely a mistake.

JMESPath has names where other languages have literals: ``type == "order.paid"`` compares the type
with a field of that name, ``paid == true`` with the field ``true``. Neither can ever be true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from hookline.domain.documents import strict_json
from hookline.domain.sandbox.allowance import Allowance
from hookline.domain.sandbox.expressions import Expression, ExpressionFailed
from hookline.domain.sandbox.metered_jmespath import Node

_WORDS = frozenset({"true", "false", "null"})
_FIRST_ALONE = frozenset(
    {"subexpression", "index_expression", "projection", "value_projection", "filter_projection",
     "flatten", "pipe"}
)  # fmt: skip
_LOOKS_INSIDE = frozenset({"subexpression", "value_projection", "filter_projection", "flatten"})
_COMPARISONS = frozenset({"comparator", "not_expression"})
_CONSTANT = frozenset(
    {"literal", "comparator", "and_expression", "or_expression", "not_expression"}
)
_LOOK_FOR_TEXT = frozenset({"contains", "starts_with", "ends_with"})
_WORDS_OF = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "lte": "<=", "gte": ">="}

_MAX_SHOWN = 100
_MAX_COMPARISONS = 5


def doubts(expression: Expression, fields: Collection[str]) -> tuple[str, ...]:
    """One sentence for each doubt about an expression over an object of these ``fields``."""
    found: dict[str, None] = {}
    for node in _at_root(expression.tree):
        if node["type"] == "field" and node["value"] not in fields:
            found[_about_name(node["value"])] = None
        elif node["type"] in _LOOKS_INSIDE and node["children"][0]["type"] in _COMPARISONS:
            found[
                "! and comparisons bind before the dot, [] and [?]: what comes out of them has"
                " nothing inside. Write !(a.b)"
            ] = None
    for name in _literals_inside(expression.tree):
        found[f"{name} is the name of a field here: write {_literal(name)}"] = None
    if all(node["type"] in _CONSTANT for node in _at_root(expression.tree)):
        found["it looks at nothing of the event: it is the same for each"] = None
    return tuple(found)


def sides(
    expression: Expression, value: object, allowance: Allowance | None = None
) -> tuple[str, ...]:
    """The values on both sides of the first comparisons, for an expression that was not true.

    Raises Exhausted if the ``allowance`` runs out.
    """
    comparisons = (node for node in _at_root(expression.tree) if node["type"] == "comparator")
    found = []
    for node in islice(comparisons, _MAX_COMPARISONS):
        left, right = (_shown(expression, child, value, allowance) for child in node["children"])
        found.append(f"{left} {_WORDS_OF[node['value']]} {right}")
    return tuple(found)


def _at_root(node: Node) -> Iterator[Node]:
    """The nodes that look at the whole value, not at a part that another node selected."""
    yield node
    if node["type"] == "expref":
        return
    children = node["children"]
    alone = node["type"] in _FIRST_ALONE and children[0]["type"] != "current"
    for child in children[:1] if alone else children:
        if isinstance(child, dict):
            yield from _at_root(child)


def _literals_inside(tree: Node) -> Iterator[str]:
    """Names that were meant for literals where the elements of a list are looked at.

    What fields those have is not known; a name in quotes, or a word of JSON, is hardly one.
    """
    at_root = {id(node) for node in _at_root(tree)}
    for node in _all(tree):
        if id(node) not in at_root:
            sides = _compared(node)
            quoted = not any(side["type"] == "literal" for side in sides)
            for side in sides:
                if side["type"] == "field" and (
                    side["value"] in _WORDS or (quoted and "quoted" in side)
                ):
                    yield side["value"]


def _compared(node: Node) -> list[Node]:
    if node["type"] == "function_expression" and node["value"] in _LOOK_FOR_TEXT:
        return list(node["children"][1:])
    return list(node["children"]) if node["type"] == "comparator" else []


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _all(child)


def _literal(name: str) -> str:
    return f"`{name}`" if name in _WORDS else f"'{name}'"


def _about_name(name: str) -> str:
    if name in _WORDS:
        return f"{name} is the name of a field here, which no event has: write {_literal(name)}"
    if name == "event":
        return "no event has a field event: write data.x, not event.data.x"
    return (
        f"no event has a field \"{name}\": a text is written '{name}', and what publishers send"
        " is below data"
    )


def _shown(expression: Expression, node: Node, value: object, allowance: Allowance | None) -> str:
    try:
        text = strict_json.dumps(expression.part(node).evaluate(value, allowance))
    except ExpressionFailed as failed:
        return f"({failed})"
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
