"""The API at a name of the operator's own: what is made for it, and when."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.stack.parameters import holds, refused
from tests.worlds.template import defaults, template

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0b8d1c8e-3f1a-4d5e-9c57-2f6f3b1f9a10"
NAMED = {"DomainName": "hooks.example.com", "CertificateArn": CERTIFICATE}
IN_A_ZONE = NAMED | {"HostedZoneId": "Z2FDTNDATAQYW2"}
BY_NAME_ALONE = NAMED | {"ExecuteApiEndpoint": "false"}
OF_THE_NAME = {"Named", "InAZone"}
FOR_THE_NAME = {"Domain", "DomainMapping", "DomainRecord"}


def true(name: str, given: dict[str, str]) -> bool:
    """Whether one of the template's conditions holds with these parameters."""
    return holds(template()["Conditions"][name], defaults() | given)


def chosen(value: Any, given: dict[str, str]) -> Any:
    """A value with its choices made."""
    while isinstance(value, dict) and "Fn::If" in value:
        condition, then, otherwise = value["Fn::If"]
        value = then if true(condition, given) else otherwise
    return value


def made(section: str, given: dict[str, str]) -> dict[str, Any]:
    """What of a section there is with these parameters, as far as the name decides."""
    return {
        name: each
        for name, each in template()[section].items()
        if each.get("Condition") not in OF_THE_NAME or true(each["Condition"], given)
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, set()),
        (NAMED, {"Domain", "DomainMapping"}),
        (IN_A_ZONE, FOR_THE_NAME),
        (BY_NAME_ALONE, {"Domain", "DomainMapping"}),
    ],
)
def test_what_a_name_needs_is_made_where_one_is_given(
    given: dict[str, str], expected: set[str]
) -> None:
    assert refused(given) == []
    resources = made("Resources", given)
    assert FOR_THE_NAME & set(resources) == expected
    outputs = made("Outputs", given)
    assert ("DomainTarget" in outputs) == bool(given)
    # A reference to what is not made would fail the whole deploy.
    for name in FOR_THE_NAME - expected:
        told = json.dumps([resources, outputs])
        assert f'"Ref": "{name}"' not in told
        assert f'"Fn::GetAtt": "{name}.' not in told


@pytest.mark.parametrize("output", ["ApiUrl", "ConsoleUrl"])
def test_the_outputs_bear_the_name(output: str) -> None:
    value = template()["Outputs"][output]["Value"]
    assert "execute-api" in chosen(value, {})["Fn::Sub"]
    assert chosen(value, NAMED)["Fn::Sub"].startswith("https://${DomainName}")


def test_the_other_address_ends_only_where_that_is_asked_for() -> None:
    ended = template()["Resources"]["HttpApi"]["Properties"]["DisableExecuteApiEndpoint"]
    assert [chosen(ended, each) for each in ({}, NAMED, BY_NAME_ALONE)] == [False, False, True]
