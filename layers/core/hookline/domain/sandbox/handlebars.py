"""Renders users' Handlebars templates with their events, within bounds.

Only dicts, lists, texts, numbers, booleans and None are looked into. The language's own test data
pass, except for what needs custom helpers, partials or decorators.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hookline.domain.documents import strict_json
from hookline.domain.sandbox import handlebars_parse
from hookline.domain.sandbox.escapes import Syntax, syntax_of
from hookline.domain.sandbox.handlebars_tree import (
    Block,
    Call,
    Content,
    Expression,
    Literal,
    Mustache,
    Path,
    Program,
)
from hookline.domain.sandbox.output import Output

MISSING = object()
"""Stands for no value: it prints nothing and is not true."""

_IN_MARKUP = str.maketrans({"`": "&#x60;", "=": "&#x3D;"})


def run(template: str, context: Mapping[str, object], content_type: str) -> Output:
    """Renders the template; ``{{values}}`` are escaped for the content type.

    Raises TemplateFailed beyond the bounds, and InvalidTemplate for a broken template.
    """
    program = handlebars_parse.parse(template)
    rendering = _Run(syntax_of(content_type), _Frame((context,), {"root": context}))
    rendering.program(program, rendering.root)
    return rendering.output


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where names are looked up.

    The contexts from the innermost out, ``@data`` with its outer frames, and block parameters.
    """

    contexts: tuple[object, ...]
    data: Mapping[str, object]
    outer_data: tuple[Mapping[str, object], ...] = ()
    names: Mapping[str, object] = field(default_factory=dict)

    def within(
        self,
        context: object,
        names: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
    ) -> _Frame:
        """With another context; the same one again adds no step for ``../``."""
        return _Frame(
            self.contexts if _same(context, self.contexts[0]) else (context, *self.contexts),
            {**self.data, **data} if data else self.data,
            (self.data, *self.outer_data) if data else self.outer_data,
            {**self.names, **names} if names else self.names,
        )


class _Run:
    def __init__(self, syntax: Syntax, root: _Frame) -> None:
        self.output = Output(syntax)
        self.root = root
        self._markup = syntax is Syntax.MARKUP

    def program(self, program: Program | None, frame: _Frame) -> None:
        for statement in program.body if program is not None else ():
            self.output.step()
            match statement:
                case Content(text=text, size=size):
                    self.output.write(text, size)
                case Mustache():
                    self._print(statement, frame)
                case Block():
                    self._block(statement, frame)

    def _print(self, mustache: Mustache, frame: _Frame) -> None:
        value = mustache.value
        if isinstance(value, Call) and value.helper == "json":
            found = self._value(value.parameters[0], frame)
            self.output.write_json(None if found is MISSING else found)
            return
        printed = self._value(value, frame)
        if printed is MISSING and isinstance(value, Path):
            self.output.miss(".".join(("..",) * value.depth + value.parts))
        text = self._text(printed)
        if not mustache.escaped:
            self.output.write(text)
        elif self._markup:
            self.output.write(self.output.escape(text).translate(_IN_MARKUP))
        else:
            self.output.write_escaped(text)

    def _block(self, block: Block, frame: _Frame) -> None:
        value = block.value
        if not isinstance(value, Call):
            self._section(block, self._value(value, frame), frame)
            return
        found = self._value(value.parameters[0], frame)
        if value.helper in ("if", "unless"):
            zero = any(self._value(option, frame) is True for _, option in value.options)
            holds = not _is_empty(found) or (zero and _is_zero(found))
            self.program(block.program if holds is (value.helper == "if") else block.inverse, frame)
        elif value.helper == "each":
            self._each(block, found, frame)
        elif _is_empty(found) and not _is_zero(found):
            self.program(block.inverse, frame)
        else:
            self.program(block.program, frame.within(found, _named(block, found)))

    def _section(self, block: Block, value: object, frame: _Frame) -> None:
        if value is True:
            self.program(block.program, frame)
        elif value is None or value is False or value is MISSING:
            self.program(block.inverse, frame)
        elif isinstance(value, list | tuple):
            self._each(block, value, frame)
        else:
            self.program(block.program, frame.within(value))

    def _each(self, block: Block, value: object, frame: _Frame) -> None:
        items: list[tuple[object, object]] = []
        if isinstance(value, list | tuple):
            items = list(enumerate(value))
        elif isinstance(value, Mapping):
            items = list(value.items())
        if not items:
            self.program(block.inverse, frame)
        for index, (key, item) in enumerate(items):
            self.output.step()
            data = {
                "key": key,
                "index": index,
                "first": index == 0,
                "last": index + 1 == len(items),
            }
            inner = frame.within(item, _named(block, item, key), data)
            self.program(block.program, inner)

    def _value(self, expression: Expression, frame: _Frame) -> object:
        self.output.step()
        match expression:
            case Literal(value=value):
                return value
            case Path():
                return self._look_up(expression, frame)
            case Call(helper="lookup", parameters=(container, key)):
                found = self._value(container, frame)
                return _member(found, self._text(self._value(key, frame)))
            case Call(parameters=(only,)):
                found = self._value(only, frame)
                text = strict_json.dumps(None if found is MISSING else found)
                self.output.pay_for(text)
                return text
        raise TypeError("a helper that was parsed is known")

    def _look_up(self, path: Path, frame: _Frame) -> object:
        parts = path.parts
        if path.data:
            frames = (frame.data, *frame.outer_data)
            value: object = frames[path.depth] if path.depth < len(frames) else MISSING
        elif parts and not path.scoped and parts[0] in frame.names:
            value, parts = frame.names[parts[0]], parts[1:]
        else:
            value = frame.contexts[path.depth] if path.depth < len(frame.contexts) else MISSING
        for part in parts:
            self.output.step()
            value = _member(value, part)
        return value

    def _text(self, value: object) -> str:
        """As JavaScript prints it, except that numbers keep their digits."""
        if isinstance(value, str):
            return value
        if value is None or value is MISSING:
            return ""
        if type(value) is int:
            return str(value)
        if isinstance(value, list | tuple):
            parts = []
            for part in value:
                self.output.step()
                parts.append(self._text(part))
            return ",".join(parts)
        return "[object Object]" if isinstance(value, Mapping) else strict_json.dumps(value)


def _member(value: object, part: str) -> object:
    if isinstance(value, Mapping):
        return value.get(part, MISSING)
    if isinstance(value, list | tuple | str):
        if part == "length":
            return len(value)
        if part.isascii() and part.isdigit() and len(part) < 8 and int(part) < len(value):
            return value[int(part)]
    return MISSING


def _named(block: Block, *values: object) -> dict[str, object]:
    names = block.program.names if block.program is not None else ()
    return dict(zip(names, values, strict=False)) if names else {}


def _same(one: object, other: object) -> bool:
    return one is other or (
        type(one) is type(other) and isinstance(one, str | int | float) and one == other
    )


def _is_empty(value: object) -> bool:
    """Not true for ``if``: nothing, false, zero, the empty text, the empty list."""
    return value is MISSING or (not value and not isinstance(value, Mapping))


def _is_zero(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0
