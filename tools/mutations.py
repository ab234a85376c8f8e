"""Small changes that could be made to modules, as JSON: `python -m tools.mutations EVERY MODULE…`.

EVERY is 1 for all of them, 5 for a fifth.

The changes are mutmut's (https://mutmut.readthedocs.io), made to constants of the module as well,
and two more: a condition that always holds, or never. It runs in an environment of its own,
`requirements/mutants.txt`; `tools.mutants` tries them out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string

_NOT_RUN = (cst.Annotation, cst.Import, cst.ImportFrom, cst.Decorator, cst.TypeAlias)
"""What is no behaviour."""


def mutations(source: str, every: int) -> Iterator[tuple[int, str]]:
    """The line of each change, or of one in so many, and the whole source with it."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _Finder(wrapper.resolve(PositionProvider))
    wrapper.module.visit(finder)
    seen = {source}
    for line, node, changed in finder.found[::every]:
        code = wrapper.module.deep_replace(node, changed).code
        if code not in seen:
            seen.add(code)
            yield line, code


class _Finder(cst.CSTVisitor):  # type: ignore[misc]  # mypy runs where libcst is not
    def __init__(self, positions: Any) -> None:
        super().__init__()
        self.found: list[tuple[int, Any, Any]] = []
        self._positions = positions

    def on_visit(self, node: Any) -> bool:
        if isinstance(node, _NOT_RUN) or _names_a_type(node):
            return False
        line = self._positions[node].start.line if node in self._positions else 0
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                # Of a text one change will do: the others tell upper case from lower.
                most = 1 if operator is operator_string else None
                self._note(line, node, islice(operator(node), most))
        if isinstance(node, cst.Integer) and node.evaluated_value > 0:
            self._note(line, node, [node.with_changes(value=repr(node.evaluated_value - 1))])
        if isinstance(node, cst.If):
            self._note(line, node, _decided(node))
        return True

    def _note(self, line: int, node: Any, changes: Iterable[Any]) -> None:
        self.found += [(line, node, changed) for changed in changes]


def _names_a_type(node: Any) -> bool:
    """Whether it is an assignment such as `Circuit = Closed | Open`."""
    if not isinstance(node, cst.Assign):
        return False
    target = node.targets[0].target
    return isinstance(target, cst.Name) and target.value[0].isupper() and not target.value.isupper()


def _decided(node: Any) -> Iterator[Any]:
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    for operator, holds in ((cst.And(), "False"), (cst.Or(), "True")):
        always = cst.BooleanOperation(left=test, operator=operator, right=cst.Name(holds))
        blank = cst.SimpleWhitespace(" ")
        yield node.with_changes(test=always, whitespace_before_test=blank)


def main() -> None:
    """Prints them, by module."""
    every, *paths = sys.argv[1:]
    found = {path: list(mutations(Path(path).read_text(), int(every))) for path in paths}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
