"""Reads what stands between ``{{`` and ``}}``: paths, literals, helpers with their parameters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from hookline.domain.documents.strict_json import number_of
from hookline.domain.sandbox.handlebars_tree import Call, Expression, Literal, Path
from hookline.domain.sandbox.mustache_lint import InvalidTemplate

BLOCK_HELPERS = {"if": 1, "unless": 1, "each": 1, "with": 1}
HELPERS = {"lookup": 2, "json": 1}
"""The supported helpers and how many parameters each takes. ``log`` would print nothing here."""

OPTIONS = {"if": {"includeZero"}, "unless": {"includeZero"}}

_MAX_DEPTH = 16
"""Helpers within helpers."""

_MAX_NAME_LENGTH = 256
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}

# The language's own lexer, without what only JavaScript's engine needs.
_TOKEN = re.compile(
    r"""
      (?P<blank>\s+)
    | (?P<open>\() | (?P<close>\))
    | (?P<end>\}?~?\}\})
    | (?P<names>as\s+\|)
    | (?P<bar>\|)
    | (?P<equals>=)
    | (?P<text>"(?:\\["]|[^"])*"|'(?:\\[']|[^'])*')
    | (?P<data>@)
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?=[~}\s)\]]))
    | (?P<dots>\.\.?(?=[=~}\s/.)\]|]))
    | (?P<slash>[/.])
    | (?P<id>\[(?:\\\]|[^\]])*\]|[^\s!"\#%-,./;->@\[-^`{-~]+(?=[=~}\s/.)\]|]))
    """,
    re.VERBOSE,
)


class Tag:
    """Reads one tag from left to right; ``fault`` makes the error for a position."""

    def __init__(
        self, template: str, at: int, fault: Callable[[int, str], InvalidTemplate]
    ) -> None:
        self._template = template
        self._fault = fault
        self.at = at
        self._depth = 0
        self.kind = self.word = ""
        self.start = at
        self.next()

    def next(self) -> None:
        """The next token; blanks are skipped."""
        found = _TOKEN.match(self._template, self.at)
        while found and found.lastgroup == "blank":
            self.at = found.end()
            found = _TOKEN.match(self._template, self.at)
        self.start = self.at
        if found is None or found.lastgroup is None:
            raise self._fault(self.at, "The tag is broken here, or never closed")
        self.kind, self.word, self.at = found.lastgroup, found[0], found.end()

    def refuse(self, message: str, at: int | None = None) -> NoReturn:
        """Raises InvalidTemplate."""
        raise self._fault(self.start if at is None else at, message)

    def end(self, *, triple: bool = False) -> str:
        """The closing braces, which must be next, as many as it began with.

        A third one after a tag of two is text, as in Handlebars.java: ``{"a": {{b}}}`` is how
        templates of JSON end. handlebars.js alone refuses it.
        """
        if self.kind != "end":
            self.refuse(f"The tag has {self.word} where it should end")
        if self.word == "}}}" and not triple:
            self.at -= 1
            return "}}"
        if triple is not (self.word in ("}}}", "}~}}")):
            self.refuse("The tag must end with as many braces as it began with")
        return self.word

    def value(self, helpers: dict[str, int], names: tuple[str, ...]) -> Expression:
        """A path, a literal, or a helper out of ``helpers`` with its parameters.

        ``names`` are block parameters, which come before helpers.
        """
        start = self.start
        head = self._operand(names)
        parameters, options = self._arguments(names)
        # A literal is the name of a field here: {{12}}, {{"foo bar"}}, {{true}}.
        path = Path((head.name,)) if isinstance(head, Literal) else head
        if isinstance(path, Call):
            self.refuse("A tag begins with a name", start)
        name = path.simple_name
        helper = None if name in names else name
        if helper in helpers:
            return self._call(helper, parameters, options, helpers[helper], start)
        if helper in BLOCK_HELPERS:
            self.refuse(f"{helper} is a block: {{{{#{helper} …}}}} … {{{{/{helper}}}}}", start)
        if parameters or options:
            shown = name or "/".join(path.parts)
            self.refuse(f"There is no helper {shown}: there are {_known(helpers)}", start)
        if helper in HELPERS:
            self.refuse(f"{helper} cannot be a block", start)
        return path

    def block_parameters(self) -> tuple[str, ...]:
        """``as |value key|``."""
        if self.kind != "names":
            return ()
        names: list[str] = []
        self.next()
        while self.kind == "id":
            names.append(self.word)
            self.next()
        if self.kind != "bar" or not names or len(names) > 2:
            self.refuse("Block parameters are one or two names, as in as |value key|")
        self.next()
        return tuple(names)

    def path(self, *, data: bool = False) -> Path:
        """``../a.[b c]/d``."""
        first = self.start
        parts: list[str] = []
        depth = 0
        scoped = self.word in (".", "..", "this")
        while True:
            plain = self.word in (".", "..", "this")
            # {{tags.0}} too: the language only has {{tags.[0]}}, but nothing else can be meant.
            index = bool(parts) and self.kind == "number" and self.word.isdigit()
            if self.kind not in ("id", "dots") and not index:
                self.refuse(f"A name is missing before {self.word}")
            if plain and parts:
                self.refuse(f"Invalid path: {self._template[first : self.at]}", first)
            if self.word == "..":
                depth += 1
            elif not plain:
                parts.append(_unbracketed(self.word))
            self.next()
            if self.kind != "slash":
                break
            self.next()
        if sum(map(len, parts)) > _MAX_NAME_LENGTH:
            self.refuse(f"A name is longer than {_MAX_NAME_LENGTH} characters", first)
        return Path(tuple(parts), depth, data, scoped)

    def _operand(self, names: tuple[str, ...]) -> Expression:
        kind, word = self.kind, self.word
        if kind == "open":
            return self._subexpression(names)
        if kind == "data":
            self.next()
            return self.path(data=True)
        if kind == "text":
            self.next()
            text = word[1:-1].replace("\\" + word[0], word[0])
            return Literal(text, text)
        if kind == "number":
            self.next()
            return Literal(number_of(word) if "." in word else int(word), word)
        if word in _CONSTANTS and self._template[self.at : self.at + 1] not in (".", "/", "="):
            self.next()
            return Literal(_CONSTANTS[word], word)
        return self.path()

    def _subexpression(self, names: tuple[str, ...]) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self.refuse(f"Helpers are nested deeper than {_MAX_DEPTH}")
        self.next()
        start = self.start
        inner = self.value(HELPERS, names)
        if not isinstance(inner, Call):
            self.refuse("Only a helper stands in parentheses", start)
        if self.kind != "close":
            self.refuse("A parenthesis is never closed")
        self.next()
        self._depth -= 1
        return inner

    def _arguments(
        self, names: tuple[str, ...]
    ) -> tuple[list[Expression], list[tuple[str, Expression]]]:
        parameters: list[Expression] = []
        options: list[tuple[str, Expression]] = []
        while self.kind not in ("end", "close", "names"):
            if self.kind == "id" and self._template[self.at : self.at + 1] == "=":
                name = self.word
                self.next()
                self.next()
                options.append((name, self._operand(names)))
            elif options:
                self.refuse("Parameters come before options")
            else:
                parameters.append(self._operand(names))
        return parameters, options

    def _call(
        self,
        helper: str,
        parameters: list[Expression],
        options: list[tuple[str, Expression]],
        takes: int,
        start: int,
    ) -> Call:
        if len(parameters) != takes:
            self.refuse(f"{helper} takes {takes} parameter{'s' * (takes > 1)}", start)
        for name, _ in options:
            if name not in OPTIONS.get(helper, ()):
                self.refuse(f"{helper} has no option {name}", start)
        return Call(helper, tuple(parameters), tuple(options))


def _known(helpers: dict[str, int]) -> str:
    return ", ".join(helpers | HELPERS)


def _unbracketed(token: str) -> str:
    return re.sub(r"\\([\\\]])", r"\1", token[1:-1]) if token.startswith("[") else token
