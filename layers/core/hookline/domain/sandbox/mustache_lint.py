"""Checks a Mustache template once, from left to right, before any parser sees it.

The parser (pystache) takes an unclosed section for a closed one, reads an empty tag as the start of
a longer one, and needs quadratic time for a run of blanks. What passes here is parsed as it was
read here, in linear time. Syntax: https://mustache.github.io/mustache.5.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hookline.errors import Refused

MAX_BYTES = 128 * 1024
"""Bytes of a template (product rule)."""

MAX_DEPTH = 32
"""Sections inside sections."""

MAX_TAGS = 4_096
"""Tags of a template: parsed in some 50 ms."""

MAX_DELIMITERS = 16
"""Different pairs of delimiters: the parser compiles an expression for each."""

MAX_NAME_LENGTH = 256
MAX_BLANKS = 64
"""Blanks in a row, for the parser's sake."""

JSON_SECTION = "json"
"""``{{#json}}event.data{{/json}}`` prints a value as JSON: a section's form, without a section."""

_BLANKS = re.compile(r"\s++")
_DELIMITERS = re.compile(r"=\s*([^\s=]{1,8})\s+([^\s=]{1,8})\s*=")


_HANDLEBARS = re.compile(r"""(?:else|this)(?:\..*)?|.*[\s"'@~/\[\]].*""", re.DOTALL)
"""Names that only Handlebars has: Mustache finds nothing by them and prints nothing."""


class InvalidTemplate(Refused):
    """The template is broken at ``line`` and ``column``, both counted from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"{message}, at line {line}, column {column}")
        self.message = message
        self.line = line
        self.column = column


def lint(template: str, *, new: bool = False) -> None:
    """Raises InvalidTemplate for the first thing that is wrong with the template.

    In a ``new`` one, names of Handlebars are wrong too; in stored ones they print nothing.
    """
    if len(template.encode()) > MAX_BYTES:
        raise InvalidTemplate(f"The template is larger than {MAX_BYTES} bytes", 1, 1)
    for blanks in _BLANKS.finditer(template):
        if blanks.end() - blanks.start() > MAX_BLANKS:
            raise fault_at(template, blanks.start(), f"More than {MAX_BLANKS} blanks in a row")
    _Scanner(template, new=new).scan()


def fault_at(template: str, position: int, message: str) -> InvalidTemplate:
    """The error for a position, with its line and column."""
    line_start = template.rfind("\n", 0, position) + 1
    line = template.count("\n", 0, position) + 1
    return InvalidTemplate(message, line, position - line_start + 1)


@dataclass(frozen=True, slots=True)
class _Tag:
    """``kind`` is one of # ^ / & ! > = { or empty for a plain variable."""

    kind: str
    name: str
    start: int
    end: int


class _Scanner:
    """Reads tag after tag; ``_open`` holds the open sections."""

    def __init__(self, template: str, *, new: bool) -> None:
        self._template = template
        self._new = new
        self._opener, self._closer = "{{", "}}"
        self._pairs = {(self._opener, self._closer)}
        self._open: list[_Tag] = []

    def scan(self) -> None:
        position, count = 0, 0
        while (start := self._template.find(self._opener, position)) >= 0:
            tag = self._tag(start)
            count += 1
            if count > MAX_TAGS:
                raise self._fault(start, f"More than {MAX_TAGS} tags")
            self._take(tag)
            position = tag.end
        if self._open:
            unclosed = self._open[-1]
            raise self._fault(unclosed.start, f"The section {unclosed.name} is never closed")

    def _tag(self, start: int) -> _Tag:
        inside = start + len(self._opener)
        close = self._template.find(self._closer, inside)
        if close < 0:
            raise self._fault(start, "The tag is never closed")
        content = self._template[inside:close].strip()
        if not content:
            raise self._fault(start, "The tag is empty")
        kind = content[0] if content[0] in "#^/&!>={" else ""
        if kind == "{":
            return self._unescaped(start, inside)
        name = content if kind == "=" else content[len(kind) :].strip()
        if not name:
            raise self._fault(start, "The tag is empty")
        return _Tag(kind, name, start, close + len(self._closer))

    def _unescaped(self, start: int, inside: int) -> _Tag:
        opening = self._template.index("{", inside)
        closing = self._template.find("}", opening)
        after = closing + 1
        blanks = _BLANKS.match(self._template, after)
        closer = blanks.end() if blanks else after
        if closing < 0 or not self._template.startswith(self._closer, closer):
            raise self._fault(start, "The tag is never closed by }" + self._closer)
        name = self._template[opening + 1 : closing].strip()
        return _Tag("{", name, start, closer + len(self._closer))

    def _take(self, tag: _Tag) -> None:
        if tag.kind == "/":
            self._close(tag)
        elif self._open and self._open[-1].name == JSON_SECTION:
            raise self._fault(tag.start, "A json section holds one name and nothing else")
        elif tag.kind == "=":
            self._change_delimiters(tag)
        elif tag.kind == ">":
            raise self._fault(tag.start, "Partials are not available")
        elif tag.kind != "!":
            self._check_name(tag.name, tag.start)
            if tag.kind in ("#", "^"):
                self._enter(tag)

    def _enter(self, tag: _Tag) -> None:
        if tag.kind == "^" and tag.name == JSON_SECTION:
            raise self._fault(tag.start, "The json section cannot be inverted")
        self._open.append(tag)
        if len(self._open) > MAX_DEPTH:
            raise self._fault(tag.start, f"Sections are nested deeper than {MAX_DEPTH}")

    def _close(self, tag: _Tag) -> None:
        if not self._open:
            raise self._fault(tag.start, f"The section {tag.name} was never opened")
        opened = self._open.pop()
        if opened.name != tag.name:
            raise self._fault(tag.start, f"The section {opened.name} is open here, not {tag.name}")
        if opened.name == JSON_SECTION:
            self._check_name(self._template[opened.end : tag.start].strip(), opened.end)

    def _change_delimiters(self, tag: _Tag) -> None:
        changed = _DELIMITERS.fullmatch(tag.name)
        if not changed:
            raise self._fault(tag.start, "Delimiters are set as in {{=<% %>=}}")
        self._opener, self._closer = changed[1], changed[2]
        self._pairs.add((self._opener, self._closer))
        if len(self._pairs) > MAX_DELIMITERS:
            raise self._fault(tag.start, f"More than {MAX_DELIMITERS} different delimiters")

    def _check_name(self, name: str, position: int) -> None:
        if not name:
            raise self._fault(position, "The name is missing")
        if len(name) > MAX_NAME_LENGTH:
            raise self._fault(position, f"A name is longer than {MAX_NAME_LENGTH} characters")
        if any(part in name for part in ("{", "}", "\n", "\r", self._opener, self._closer)):
            raise self._fault(position, "A name holds a brace, a delimiter or a line break")
        if self._new and _HANDLEBARS.fullmatch(name):
            raise self._fault(
                position,
                f"{name} is Handlebars and prints nothing in Mustache: choose a name, or"
                " template_language handlebars",
            )

    def _fault(self, position: int, message: str) -> InvalidTemplate:
        return fault_at(self._template, position, message)
