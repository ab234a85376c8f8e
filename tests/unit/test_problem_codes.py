"""Every problem that the code can give has a code that is documented, and every code is given."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookline import errors, problems
from hookline.domain.documents.strict_json import InvalidJson, NumberOutOfRange
from hookline.problems import CODES, STATUS, problem_of

ROOT = Path(__file__).parents[2]
ANSWERED = [
    kind
    for module in (errors, problems)
    for kind in vars(module).values()
    if inspect.isclass(kind) and issubclass(kind, errors.Refused) and kind is not errors.Refused
] + [InvalidJson, NumberOutOfRange]


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every place where a problem with a code of its own is made."""
    for path in sorted((*ROOT.glob("layers/core/**/*.py"), *ROOT.glob("functions/**/*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name in {"Conflict", "Forbidden", "TooLarge"}:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def code_of(call: ast.Call) -> object:
    given = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "code")]
    return given[0].value if given and isinstance(given[0], ast.Constant) else None


def test_every_conflict_says_which_by_a_documented_code() -> None:
    made = [(place, code_of(call)) for place, call in calls() if "Conflict" in ast.unparse(call)]
    assert len(made) > 20
    assert [place for place, code in made if code not in CODES] == []


def test_every_documented_code_is_given_somewhere() -> None:
    given = {code_of(call) for _, call in calls()} | {kind.code for kind in ANSWERED}
    assert set(CODES) - given == {"internal_error", "unavailable"}


@pytest.mark.parametrize("kind", ANSWERED, ids=lambda kind: str(kind.__name__))
def test_every_error_of_a_caller_has_a_status_and_a_code(kind: type[errors.Refused]) -> None:
    assert kind.code in CODES
    assert any(base in STATUS for base in kind.__mro__)


def test_the_code_is_the_type_too() -> None:
    problem = problem_of(errors.Conflict("Taken.", "name_taken"))
    assert (problem["type"], problem["code"]) == ("urn:hookline:problem:name_taken", "name_taken")
    assert problem_of(errors.Unavailable("GetItem"))["code"] == "unavailable"
    assert problem_of(RuntimeError("a secret"))["detail"] == CODES["internal_error"]
