"""The stack's outputs lead to what there is, in every partition."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.worlds.template import template

OUTPUTS = template()["Outputs"]
GIVEN = {
    "AWS::Region",
    "AWS::AccountId",
    "AWS::URLSuffix",
    "Stage",
    "DomainName",
    "Console",
    "Host",
}


def text_of(output: str) -> str:
    """An output's text; both of them where it has two."""
    return _text(OUTPUTS[output]["Value"])


def _text(value: Any) -> str:
    match value:
        case {"Ref": name} | {"Fn::GetAtt": name}:
            return f"${{{name}}}"
        case {"Fn::If": [_, one, other]}:
            return f"{_text(one)} {_text(other)}"
        case {"Fn::Sub": [str(text), _]} | {"Fn::Sub": str(text)}:
            return text
    raise ValueError(f"no text that is known here: {value}")


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_says_what_it_is_and_names_what_the_template_has(output: str) -> None:
    assert OUTPUTS[output]["Description"]
    for name in re.findall(r"\$\{([^}]+)\}", text_of(output)):
        assert name in GIVEN or name.partition(".")[0] in template()["Resources"]


@pytest.mark.parametrize("output", [name for name in OUTPUTS if name.endswith("Link")])
def test_a_link_leads_into_the_console_of_the_stacks_partition_and_region(output: str) -> None:
    assert text_of(output).startswith("https://${AWS::Region}.${Console}/")
    assert "amazonaws.com" not in text_of(output)
    names = OUTPUTS[output]["Value"]["Fn::Sub"][1]
    assert names == {
        "Console": {"Fn::FindInMap": ["Consoles", {"Ref": "AWS::Partition"}, "Domain"]}
    }


def test_what_a_named_link_looks_for_is_called_so() -> None:
    """Secrets and prefixes of names are text in a link, not references."""
    names = {
        field["Fn::Sub"]
        for resource in template()["Resources"].values()
        for key, field in resource["Properties"].items()
        if key.endswith("Name") and isinstance(field, dict) and "Fn::Sub" in field
    }
    assert all("${Stage}" in name for name in names), "two stages in one account are two stacks"
    for output in OUTPUTS:
        for name in re.findall(r"hookline-\$\{Stage\}[a-z-]*", text_of(output)):
            assert any(each.endswith(name) or name in each for each in names), (output, name)
