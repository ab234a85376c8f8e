"""Renders users' templates, Mustache and Handlebars, with their events, within bounds.

Only dicts, lists, texts, numbers, booleans and None are looked into: no attribute, method, file or
environment can be reached. The Mustache specification's own tests pass, except for lambdas and
partials.
"""

from __future__ import annotations

from collections.abc import Mapping

from hookline.domain.documents import strict_json
from hookline.domain.sandbox import mustache_lint, mustache_tree
from hookline.domain.sandbox.escapes import Syntax, syntax_of
from hookline.domain.sandbox.language import Language
from hookline.domain.sandbox.mustache_tree import JsonValue, Node, Section, Text, Variable
from hookline.domain.sandbox.output import MAX_OUTPUT_BYTES, MAX_STEPS, Output, TemplateFailed

__all__ = ["MAX_OUTPUT_BYTES", "MAX_STEPS", "TemplateFailed", "check_template", "render"]

_MISSING = object()


def check_template(template: str, language: Language = "mustache") -> None:
    """Raises `InvalidTemplate`, with line and column, for a template that must not be saved."""
    if language == "handlebars":
        from hookline.domain.sandbox import handlebars_parse  # noqa: PLC0415 - few webhooks need it

        handlebars_parse.parse(template)
        return
    mustache_lint.lint(template, new=True)
    mustache_tree.parse(template)


def render(
    template: str,
    context: Mapping[str, object],
    content_type: str,
    language: Language = "mustache",
) -> str:
    """The rendered template; ``{{values}}`` are escaped for the content type.

    Raises TemplateFailed when that takes more than `MAX_STEPS` or `MAX_OUTPUT_BYTES`, and
    `InvalidTemplate` for a broken template.
    """
    return run(template, context, content_type, language).text()


def run(
    template: str,
    context: Mapping[str, object],
    content_type: str,
    language: Language = "mustache",
) -> Output:
    """`render`, with the names that the context does not have."""
    if language == "handlebars":
        from hookline.domain.sandbox import handlebars  # noqa: PLC0415 - as above

        return handlebars.run(template, context, content_type)
    rendering = _Rendering(context, syntax_of(content_type))
    rendering.run(mustache_tree.parse(template))
    return rendering.output


class _Rendering:
    """One run: the scopes, outermost first, and the output so far."""

    def __init__(self, context: Mapping[str, object], syntax: Syntax) -> None:
        self._scopes: list[object] = [context]
        self.output = Output(syntax)

    def run(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            self.output.step()
            match node:
                case Text(text, size):
                    self.output.write(text, size)
                case Variable(path, escaped):
                    text = _as_text(self._printed(path))
                    write = self.output.write_escaped if escaped else self.output.write
                    write(text)
                case JsonValue(path):
                    value = self._printed(path)
                    self.output.write_json(None if value is _MISSING else value)
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
            self.output.step()
            self._scopes.append(item)
            self.run(section.children)
            self._scopes.pop()

    def _printed(self, path: tuple[str, ...]) -> object:
        value = self._look_up(path)
        if value is _MISSING:
            self.output.miss(".".join(path))
        return value

    def _look_up(self, path: tuple[str, ...]) -> object:
        if path == (".",):
            return self._scopes[-1]
        value: object = _MISSING
        for scope in reversed(self._scopes):
            self.output.step()
            if isinstance(scope, Mapping) and path[0] in scope:
                value = scope[path[0]]
                break
        for part in path[1:]:
            self.output.step()
            value = _member(value, part)
        return value


def _member(value: object, part: str) -> object:
    if isinstance(value, Mapping):
        return value.get(part, _MISSING)
    # `tags.0` is how users of the JavaScript implementation write the first one.
    if isinstance(value, list | tuple) and part.isdecimal() and len(part) < 8:
        index = int(part)
        return value[index] if index < len(value) else _MISSING
    return _MISSING


def _holds(value: object) -> bool:
    # An empty object counts as true, as in the other implementations; in Python it would not.
    return value is not _MISSING and (bool(value) or isinstance(value, Mapping))


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or value is _MISSING:
        return ""
    return strict_json.dumps(value)
