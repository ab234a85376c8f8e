"""The api function's own address: what is made for it, where it is asked for."""

from __future__ import annotations

from tests.stack.parameters import holds, refused
from tests.worlds.template import defaults, template

ASKED_FOR = {"ApiFunctionUrl": "true", "ApiReservedConcurrency": "20"}


def test_it_is_refused_without_a_ceiling() -> None:
    assert refused(ASKED_FOR) == []
    (why,) = refused(ASKED_FOR | {"ApiReservedConcurrency": "0"})
    assert why.startswith("ApiFunctionUrl needs ApiReservedConcurrency")


def test_what_belongs_to_it_is_made_with_it_alone() -> None:
    condition = template()["Conditions"]["ByItself"]
    assert [holds(condition, defaults() | given) for given in ({}, ASKED_FOR)] == [False, True]
    made = [
        each["Condition"]
        for section in ("Resources", "Outputs")
        for name, each in template()[section].items()
        if "ApiOwnUrl" in name
    ]
    assert sorted(made) == ["ByItself"] * 4 + ["ByItselfWatched"]


def test_anybody_may_call_it_and_invoke_the_function_by_it_alone() -> None:
    """Either permission by itself is a 403; the second without its condition would be more."""
    resources = template()["Resources"]
    assert resources["ApiOwnUrl"]["Properties"]["AuthType"] == "NONE"
    by_action = {
        each["Properties"]["Action"]: each["Properties"]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Permission" and each["Properties"]["Principal"] == "*"
    }
    assert set(by_action) == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert by_action["lambda:InvokeFunctionUrl"]["FunctionUrlAuthType"] == "NONE"
    assert by_action["lambda:InvokeFunction"]["InvokedViaFunctionUrl"] is True
    assert {each["FunctionName"]["Ref"] for each in by_action.values()} == {"ApiFunction"}
