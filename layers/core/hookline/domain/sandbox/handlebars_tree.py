"""A Handlebars template as a tree: https://handlebarsjs.com/guide/expressions.html.

What the parser makes and whitespace control trims; only `Content` changes after it was made.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Path:
    """``../a.[b c]``: a number of contexts up, then part by part; ``@index`` is ``data``.

    ``scoped`` if it says where it begins (``this.a``, ``./a``): it is then neither a helper's name
    nor a block parameter's.
    """

    parts: tuple[str, ...]
    depth: int = 0
    data: bool = False
    scoped: bool = False

    @property
    def simple_name(self) -> str | None:
        """Its name, where it could be a helper's."""
        simple = len(self.parts) == 1 and not (self.depth or self.data or self.scoped)
        return self.parts[0] if simple else None


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, truth value, or nothing; alone in a tag it is the field called ``name``."""

    value: object
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A helper with its parameters."""

    helper: str
    parameters: tuple[Expression, ...] = ()
    options: tuple[tuple[str, Expression], ...] = ()


type Expression = Path | Literal | Call


@dataclass(frozen=True, slots=True)
class Strip:
    """Whether a tag's ``~`` takes the blanks before it (``open``) and after it (``close``)."""

    open: bool = False
    close: bool = False


@dataclass(slots=True)
class Content:
    """Text. ``original`` is how it stood, before any of it was taken."""

    text: str
    original: str
    left_taken: bool = False
    right_taken: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True)
class Comment:
    """Prints nothing."""

    strip: Strip


@dataclass(frozen=True, slots=True)
class Mustache:
    """A value to be printed."""

    value: Expression
    escaped: bool
    strip: Strip


@dataclass(slots=True)
class Program:
    """Statements in a row, and ``names``, the block parameters that hold within.

    ``chained`` is one made by ``{{else if …}}``: it holds one block and nothing else.
    """

    body: list[Statement] = field(default_factory=list)
    names: tuple[str, ...] = ()
    chained: bool = False


@dataclass(slots=True)
class Block:
    """``{{#…}} program {{else}} inverse {{/…}}``."""

    value: Expression
    program: Program | None
    inverse: Program | None
    open_strip: Strip
    inverse_strip: Strip
    close_strip: Strip


type Statement = Content | Comment | Mustache | Block
