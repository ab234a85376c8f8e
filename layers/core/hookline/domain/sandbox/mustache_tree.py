"""A Mustache template as a tree of frozen nodes, parsed by pystache.

Only this file depends on pystache's private classes. Its renderer is not used: it follows
attributes, calls what is callable, reads partials from files, and has no bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hookline.domain.sandbox.mustache_lint import JSON_SECTION, lint

_CACHE_SIZE = 32
"""Number of parsed templates to keep; the largest possible one takes some 3 MB."""


@dataclass(frozen=True, slots=True)
class Text:
    """Printed as it stands; ``size`` is in UTF-8 bytes."""

    text: str
    size: int


@dataclass(frozen=True, slots=True)
class Variable:
    """The value found by ``path``, the parts of a dotted name; (".",) is the current item."""

    path: tuple[str, ...]
    escaped: bool


@dataclass(frozen=True, slots=True)
class JsonValue:
    """The value found by ``path``, printed as JSON."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Its children for each item of a list, once for another value, or (inverted) for none."""

    path: tuple[str, ...]
    inverted: bool
    children: tuple[Node, ...]


type Node = Text | Variable | JsonValue | Section


@lru_cache(_CACHE_SIZE)
def parse(template: str) -> tuple[Node, ...]:
    """The template's nodes. Raises InvalidTemplate, as `lint` does. Kept in a small cache."""
    lint(template)
    from pystache import parser  # noqa: PLC0415 - most webhooks have no template

    return _nodes(parser.parse(template))


def path_of(name: str) -> tuple[str, ...]:
    """The parts of a dotted name."""
    return (".",) if name == "." else tuple(name.split("."))


def _nodes(parsed: Any) -> tuple[Node, ...]:
    found = (_node(item) for item in parsed._parse_tree)  # noqa: SLF001 - there is no public way
    return tuple(node for node in found if node is not None)


def _node(item: Any) -> Node | None:
    if isinstance(item, str):
        return Text(item, len(item.encode()))
    match type(item).__name__:
        case "_EscapeNode":
            return Variable(path_of(item.key), escaped=True)
        case "_LiteralNode":
            return Variable(path_of(item.key), escaped=False)
        case "_SectionNode":
            return _section(item)
        case "_InvertedNode":
            return Section(path_of(item.key), inverted=True, children=_nodes(item.parsed_section))
        case "_CommentNode" | "_ChangeNode":
            return None
        case other:
            raise TypeError(f"pystache made a {other} of a template that has none")


def _section(item: Any) -> Node:
    children = _nodes(item.parsed)
    if item.key != JSON_SECTION:
        return Section(path_of(item.key), inverted=False, children=children)
    name = "".join(child.text for child in children if isinstance(child, Text))
    return JsonValue(path_of(name.strip()))
