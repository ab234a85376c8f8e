"""Parses a Handlebars template once, left to right, in linear time.

The language: https://handlebarsjs.com/guide/. Partials, decorators, raw blocks and custom helpers
need code that is not there: they are errors, with line and column.
"""

from __future__ import annotations

import re
from functools import lru_cache

from hookline.domain.sandbox.handlebars_blanks import trim
from hookline.domain.sandbox.handlebars_expressions import BLOCK_HELPERS, HELPERS, Tag
from hookline.domain.sandbox.handlebars_tree import (
    Block,
    Comment,
    Content,
    Mustache,
    Program,
    Strip,
)
from hookline.domain.sandbox.mustache_lint import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_TAGS,
    InvalidTemplate,
    fault_at,
)

_CACHE_SIZE = 32

_TAG = re.compile(
    r"""\{\{(?:
      (?P<raw>\{\{)
    | (?P<open>~?)(?:
        (?P<long>!--) | (?P<comment>!) | (?P<partial>\#?>) | (?P<decorator>\#?\*)
      | (?P<block>\#) | (?P<end>/)
      | (?P<inverse>(?:\^|\s*else\b)\s*(?P<close>~?)\}\}) | (?P<inverted>\^) | (?P<chain>\s*else\b)
      | (?P<triple>\{) | (?P<unescaped>&) | (?P<plain>)
    ))""",
    re.VERBOSE,
)
_LONG_END = re.compile(r"--(~?)\}\}")
_REFUSED = {
    "raw": "Raw blocks need a helper of one's own, which there is none",
    "partial": "Partials are not available",
    "decorator": "Decorators are not available",
}


@lru_cache(_CACHE_SIZE)
def parse(template: str) -> Program:
    """The template's program, blanks trimmed. Raises InvalidTemplate. Kept in a small cache."""
    if len(template.encode()) > MAX_BYTES:
        raise InvalidTemplate(f"The template is larger than {MAX_BYTES} bytes", 1, 1)
    return _Parser(template).parse()


class _Parser:
    """``_at`` is how far it has read; whoever opened a program reads the tag that ends it."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._at = 0
        self._tags = 0
        self._depth = 0
        self._names: tuple[str, ...] = ()
        self._literal = False

    def parse(self) -> Program:
        program = self._program()
        ending = self._tag()
        if ending is not None:
            word = "else" if ending.lastgroup != "end" else "end of a block"
            raise self._fault(self._at, f"There is no block that this {word} belongs to")
        trim(program)
        _measure(program)
        return program

    def _program(self, names: tuple[str, ...] = ()) -> Program:
        outer, self._names = self._names, (*self._names, *names)
        program = Program(names=names)
        while True:
            self._read_content(program)
            tag = self._tag()
            if tag is None or _kind(tag) in ("end", "inverse", "chain"):
                break
            self._take(tag, program)
        self._names = outer
        return program

    def _read_content(self, program: Program) -> None:
        """Text up to the next tag: one backslash makes a tag text, two make a backslash."""
        while self._at < len(self._template):
            opening = self._template.find("{{", self._at)
            text = self._template[self._at : opening if opening >= 0 else None]
            if opening >= 0 and text.endswith("\\") and not text.endswith("\\\\"):
                _add(program, text[:-1])
                self._at = opening
                _add(program, self._escaped_text(opening))
                continue
            twice = opening >= 0 and text.endswith("\\\\")
            _add(program, text[:-1] if twice else text)
            self._at = opening if opening >= 0 else len(self._template)
            return

    def _escaped_text(self, opening: int) -> str:
        following = self._template.find("{{", opening + 2)
        end = len(self._template) if following < 0 else following
        # The backslashes before the next tag are that tag's.
        while following >= 0 and end > opening + 2 and self._template[end - 1] == "\\":
            end -= 1
            if following - end == 2:
                break
        self._at = end
        return self._template[opening:end]

    def _tag(self) -> re.Match[str] | None:
        return _TAG.match(self._template, self._at)

    def _take(self, tag: re.Match[str], program: Program) -> None:
        self._tags += 1
        if self._tags > MAX_TAGS:
            raise self._fault(tag.start(), f"More than {MAX_TAGS} tags")
        kind = _kind(tag)
        if kind in _REFUSED:
            raise self._fault(tag.start(), _REFUSED[kind])
        if kind in ("long", "comment"):
            program.body.append(self._comment(tag))
        elif kind in ("block", "inverted"):
            program.body.append(self._block(tag))
        else:
            program.body.append(self._mustache(tag))

    def _comment(self, tag: re.Match[str]) -> Comment:
        if tag["long"]:
            end = _LONG_END.search(self._template, tag.end())
            if end is None:
                raise self._fault(tag.start(), "The comment is never closed")
            self._at = end.end()
            return Comment(Strip(bool(tag["open"]), bool(end[1])))
        closing = self._template.find("}}", tag.end())
        if closing < 0:
            raise self._fault(tag.start(), "The comment is never closed")
        self._at = closing + 2
        return Comment(Strip(bool(tag["open"]), self._template[closing - 1] == "~"))

    def _mustache(self, tag: re.Match[str]) -> Mustache:
        inside = Tag(self._template, tag.end(), self._fault)
        value = inside.value(HELPERS, self._names)
        end = inside.end(triple=tag["triple"] is not None)
        self._at = inside.at
        escaped = not (tag["triple"] or tag["unescaped"])
        return Mustache(value, escaped, Strip(bool(tag["open"]), "~" in end))

    def _block(self, tag: re.Match[str]) -> Block:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._fault(tag.start(), f"Sections are nested deeper than {MAX_DEPTH}")
        start = tag.end()
        block, name = self._opened(tag)
        if block.program is not None:
            block.inverse, block.inverse_strip = self._otherwise()
        else:
            block.program, block.inverse_strip = self._otherwise()
        block.close_strip = self._closed(name, start)
        _close_chain(block)
        self._depth -= 1
        return block

    def _opened(self, tag: re.Match[str]) -> tuple[Block, str]:
        inside = Tag(self._template, tag.end(), self._fault)
        beginning = inside.start
        value = inside.value(BLOCK_HELPERS, self._names)
        if inside.kind not in ("end", "names"):
            inside.end()
        names = inside.block_parameters()
        strip = Strip(bool(tag["open"]), "~" in inside.end())
        self._at = inside.at
        name = _closing_name(self._template, beginning)
        program = self._program(names)
        inverted = tag["inverted"] is not None
        return (
            Block(value, None if inverted else program, program if inverted else None,
                  strip, Strip(), Strip()),
            name,
        )  # fmt: skip

    def _otherwise(self) -> tuple[Program | None, Strip]:
        """What follows an ``else``, up to the end of the block, and the strip of the ``else``."""
        tag = self._tag()
        if tag is None or _kind(tag) == "end":
            return None, Strip()
        if _kind(tag) == "inverse":
            self._at = tag.end()
            return self._program(), Strip(bool(tag["open"]), bool(tag["close"]))
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._fault(tag.start(), f"Sections are nested deeper than {MAX_DEPTH}")
        inner, _ = self._opened(tag)
        inner.inverse, inner.inverse_strip = self._otherwise()
        inner.close_strip = inner.inverse_strip
        self._depth -= 1
        return Program([inner], chained=True), inner.open_strip

    def _closed(self, name: str, start: int) -> Strip:
        tag = self._tag()
        if tag is None:
            raise self._fault(start, f"The block {name} is never closed")
        if _kind(tag) != "end":
            raise self._fault(tag.start(), f"The block {name} has more than one else")
        inside = Tag(self._template, tag.end(), self._fault)
        written = inside.start
        if inside.kind in ("id", "dots", "data"):
            if inside.kind == "data":
                inside.next()
            inside.path()
        else:
            inside.next()
        closing = _closing_name(self._template, written)
        if closing != name:
            raise self._fault(tag.start(), f"The block {name} is open here, not {closing}")
        end = inside.end()
        self._at = inside.at
        return Strip(bool(tag["open"]), "~" in end)

    def _fault(self, position: int, message: str) -> InvalidTemplate:
        return fault_at(self._template, position, message)


_NAME_AS_WRITTEN = re.compile(r"""@?(?:"[^"]*"|'[^']*'|\[[^\]]*\]|[^\s~}\[\]"'])+""")


def _closing_name(template: str, at: int) -> str:
    found = _NAME_AS_WRITTEN.match(template, at)
    return found[0] if found else ""


def _kind(tag: re.Match[str]) -> str:
    kinds = ("raw", "long", "comment", "partial", "decorator", "block", "end", "inverse",
             "inverted", "chain", "triple", "unescaped")  # fmt: skip
    return next((kind for kind in kinds if tag[kind] is not None), "plain")


def _close_chain(block: Block) -> None:
    """The last block of a chain of ``else if`` ends where the chain does."""
    last = block
    while last.inverse is not None and last.inverse.chained:
        inner = last.inverse.body[0]
        if not isinstance(inner, Block):
            raise TypeError("a chained program holds a block")
        if inner.inverse is None:
            inner.close_strip = block.close_strip
        last = inner


def _add(program: Program, text: str) -> None:
    if text:
        program.body.append(Content(text, text))


def _measure(program: Program) -> None:
    for statement in program.body:
        if isinstance(statement, Content):
            statement.size = len(statement.text.encode())
        elif isinstance(statement, Block):
            for part in (statement.program, statement.inverse):
                if part is not None:
                    _measure(part)
