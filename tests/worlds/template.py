"""Reads template.yaml as plain data: `!Ref X` becomes {"Ref": "X"}, `!Sub s` {"Fn::Sub": s}."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"

type Properties = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            return {name: loader.construct_scalar(node)}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
        case yaml.MappingNode():
            return {name: loader.construct_mapping(node, deep=True)}
    raise TypeError(f"not a YAML node: {node}")


_Loader.add_multi_constructor("!", _short_form)


@cache
def template() -> dict[str, Any]:
    """The whole template."""
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _Loader)  # noqa: S506  # a SafeLoader
    return loaded


def resources(kind: str) -> dict[str, Properties]:
    """The properties of every resource of a type, by logical id."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template()["Resources"].items()
        if resource["Type"] == kind
    }


def statements(role: Properties) -> list[Properties]:
    """A role's policy statements, conditional ones as if their condition held."""
    return [
        statement["Fn::If"][1] if "Fn::If" in statement else statement
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def variables(function: str) -> dict[str, Any]:
    """The environment of a function, as the template writes it."""
    everyone: dict[str, Any] = template()["Globals"]["Function"]["Environment"]["Variables"]
    own = resources("AWS::Serverless::Function")[function]["Environment"]["Variables"]
    return {**everyone, **own}


def resolved(value: Any, known: Mapping[str, str]) -> str:
    """A variable's text: parameters and resources by what is ``known`` of their logical ids."""
    match value:
        case {"Fn::If": [condition, then, otherwise]}:
            return resolved(then if _holds(condition, known) else otherwise, known)
        case {"Fn::Join": [separator, parts]}:
            listed = resolved(parts, known)
            return listed if separator == "," else listed.replace(",", separator)
        case {"Ref": name}:
            return known[name]
        case {"Fn::GetAtt": path}:
            return known[path.partition(".")[0]]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{(\w+)\}", lambda found: known[found[1]], text)
        case dict():
            raise ValueError(f"a variable's text cannot be told from {value}")
    return str(value)


def _holds(condition: str, known: Mapping[str, str]) -> bool:
    """Whether a condition of the template that compares a parameter with a text does."""
    match template()["Conditions"][condition]:
        case {"Fn::Equals": [{"Ref": name}, text]}:
            return bool(known[name] == text)
    raise ValueError(f"{condition} compares no parameter with a text")


def defaults() -> dict[str, str]:
    """Every parameter's default."""
    return {name: str(each["Default"]) for name, each in template()["Parameters"].items()}
