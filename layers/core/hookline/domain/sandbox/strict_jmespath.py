"""JMESPath's syntax with JSON read strictly: digits stay, and what is no JSON is refused at once.

The library reads what stands in backticks as Python does: 19.90 becomes 19.9, and NaN, 1e400, two
equal keys and lone surrogates pass, to fail or to change later.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from jmespath import exceptions, lexer, parser

from hookline.domain.documents import strict_json
from hookline.domain.documents.strict_json import InvalidJson


class StrictLexer(lexer.Lexer):
    """The library's, but for the JSON in it."""

    # What the stubs leave out.
    _expression: str
    _position: int
    _consume_until: Callable[[str], str]

    def _consume_literal(self) -> dict[str, Any]:
        start = self._position
        text = self._consume_until("`").replace("\\`", "`")
        try:
            json.loads(text)
        except ValueError:
            # `foo` stands for `"foo"` (JEP-12), though not for long.
            text = f'"{text.lstrip()}"'
        return self._token("literal", text, start)

    def _consume_quoted_identifier(self) -> dict[str, Any]:
        start = self._position
        text = f'"{self._consume_until(chr(34))}"'
        return self._token("quoted_identifier", text, start)

    def _token(self, kind: str, text: str, start: int) -> dict[str, Any]:
        try:
            value = strict_json.loads(text)
        except InvalidJson as error:
            raise exceptions.LexerError(
                lexer_position=start,
                lexer_value=self._expression[start:],
                message=error.reason,
            ) from None
        return {"type": kind, "value": value, "start": start, "end": self._position - start}


class StrictParser(parser.Parser):
    """The library's over that lexer, without its cache: an expression is kept compiled."""

    # As above.
    _do_parse: Callable[[str], Any]
    _expression: Any
    _current_token: Callable[[], str]
    _lookahead_token: Callable[[int], dict[str, Any]]

    def parse(self, expression: str) -> Any:
        """The tree. Raises what the library raises."""
        return self._do_parse(expression)

    def _token_nud_quoted_identifier(self, token: dict[str, Any]) -> dict[str, Any]:
        field = super()._token_nud_quoted_identifier(token)  # type: ignore[misc]  # as above
        return {**field, "quoted": True}

    def _parse(self, expression: str) -> Any:
        self._tokens = list(StrictLexer().tokenize(expression))
        self._index = 0
        tree = self._expression(binding_power=0)
        if self._current_token() != "eof":
            token = self._lookahead_token(0)
            raise exceptions.ParseError(
                token["start"], token["value"], token["type"], "Unexpected token"
            )
        return tree
