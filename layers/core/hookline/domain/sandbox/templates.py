"""Renders Mustache templates of strangers with events of strangers, within bounds.

Only dicts, lists, texts, numbers, booleans and None are looked into: no attribute, method, file or
environment can be reached. The Mustache specification's own tests pass, lambdas and partials aside.
"""

from __future__ import annotations

from collections.abc import Mapping

from hookline.domain.documents import strict_json
from hookline.domain.sandbox import mustache_lint, mustache_tree
from hookline.domain.sandbox.escapes import ESCAPES, Syntax, syntax_of
from hookline.domain.sandbox.mustache_tree import JsonValue, Node, Section, Text, Variable
from hookline.errors import HooklineError

MAX_OUTPUT_BYTES = 256 * 1024
"""UTF-8 bytes of what a template makes (product rule)."""

MAX_STEPS = 60_000
"""Nodes rendered and names looked at: some 50 ms."""

_MISSING = object()


class TemplateFailed(HooklineError):  # noqa: N818 - named for what happened, as all in our tree
    """The template came to no body for this event; the message says why."""


def check_template(template: str) -> None:
    """Raises `InvalidTemplate`, with line and column, for a template that must not be saved."""
    mustache_lint.lint(template, new=True)
    mustache_tree.parse(template)


def render(template: str, context: Mapping[str, object], content_type: str) -> str:
    """What the template makes of the context, ``{{values}}`` escaped for the content type.

    Raises TemplateFailed when that takes more than `MAX_STEPS` or `MAX_OUTPUT_BYTES`, and
    `InvalidTemplate` for a template that `check_template` would have refused.
    """
    rendering = _Rendering(context, syntax_of(content_type))
    rendering.run(mustache_tree.parse(template))
    return rendering.output()


class _Rendering:
    """One run: the scopes from the outermost in, what is printed so far, and what is left."""

    def __init__(self, context: Mapping[str, object], syntax: Syntax) -> None:
        self._scopes: list[object] = [context]
        self._syntax = syntax
        self._escape = ESCAPES[syntax]
        self._printed: list[str] = []
        self._bytes_left = MAX_OUTPUT_BYTES
        self._steps_left = MAX_STEPS

    def output(self) -> str:
        return "".join(self._printed)

    def run(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            self._step()
            match node:
                case Text(text, size):
                    self._print(text, size)
                case Variable(path, escaped):
                    text = _as_text(self._look_up(path))
                    self._print(self._escape(text) if escaped else text)
                case JsonValue(path):
                    self._print_json(self._look_up(path))
                case Section():
                    self._run_section(node)

    def _run_section(self, section: Section) -> None:
        value = self._look_up(section.path)
        if section.inverted:
            if not _holds(value):
                self.run(section.children)
            return
        items = value if isinstance(value, list | tuple) else [value] if _holds(value) else []
        for item in items:
            self._step()
            self._scopes.append(item)
            self.run(section.children)
            self._scopes.pop()

    def _look_up(self, path: tuple[str, ...]) -> object:
        if path == (".",):
            return self._scopes[-1]
        value: object = _MISSING
        for scope in reversed(self._scopes):
            self._step()
            if isinstance(scope, Mapping) and path[0] in scope:
                value = scope[path[0]]
                break
        for part in path[1:]:
            self._step()
            value = _member(value, part)
        return value

    def _print(self, text: str, size: int | None = None) -> None:
        self._bytes_left -= len(text.encode()) if size is None else size
        if self._bytes_left < 0:
            raise TemplateFailed(f"The output is larger than {MAX_OUTPUT_BYTES} bytes")
        self._printed.append(text)

    def _print_json(self, value: object) -> None:
        text = strict_json.dumps(None if value is _MISSING else value)
        raw = self._syntax is Syntax.JSON
        self._print(text if raw else self._escape(text))

    def _step(self) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            raise TemplateFailed(f"The template takes more than {MAX_STEPS} steps")


def _member(value: object, part: str) -> object:
    if isinstance(value, Mapping):
        return value.get(part, _MISSING)
    # `tags.0` is how users of the JavaScript implementation write the first one.
    if isinstance(value, list | tuple) and part.isdecimal() and len(part) < 8:
        index = int(part)
        return value[index] if index < len(value) else _MISSING
    return _MISSING


def _holds(value: object) -> bool:
    # An empty object holds, as in the other implementations; Python alone would say no.
    return value is not _MISSING and (bool(value) or isinstance(value, Mapping))


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or value is _MISSING:
        return ""
    return strict_json.dumps(value)
