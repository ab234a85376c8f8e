"""docs/operations.md speaks of this stack: its alarms, all of them, and names that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds.template import resources, template
from tools.schema_text import anchor

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
ALARMS, TASKS = PAGE.partition("\n# Tasks\n")[::2]
_SECTION = re.compile(r"^### [^\n]*`([\w-]+)`\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(_SECTION.findall(ALARMS))


def names(kind: str, field: str) -> set[str]:
    """What the stack's resources of a kind are called, without `hookline-<stage>-`."""
    return {
        each[field]["Fn::Sub"].removeprefix("hookline-${Stage}-")
        for each in resources(kind).values()
    }


def test_the_runbook_has_a_section_for_each_alarm_and_for_nothing_else() -> None:
    assert set(SECTIONS) == names("AWS::CloudWatch::Alarm", "AlarmName")


@pytest.mark.parametrize("alarm", SECTIONS)
def test_a_section_says_what_it_means_where_to_look_what_to_do_and_when_it_is_over(
    alarm: str,
) -> None:
    said = re.findall(r"\*\*(\w+)\*\*", SECTIONS[alarm].lower())
    assert said[:4] == ["means", "look", "do", "over"]


def test_every_name_that_begins_with_the_stacks_is_one_of_its() -> None:
    known = {
        *names("AWS::DynamoDB::Table", "TableName"),
        *names("AWS::SQS::Queue", "QueueName"),
        *names("AWS::Serverless::Function", "FunctionName"),
        *names("AWS::SecretsManager::Secret", "Name"),
        *names("AWS::SNS::Topic", "TopicName"),
    }
    named = set(re.findall(r"hookline-(?:<stage>|\$STAGE|local)-([a-z][a-z-]*[a-z])", PAGE))
    # A restored table stands beside the stack's until it has been put back.
    assert {name.removesuffix("-restored") for name in named} <= known
    assert set(re.findall(r"\$\(queue ([\w-]+)\)", PAGE)) <= known


def test_every_parameter_and_output_it_names_is_the_templates() -> None:
    parameters = set(template()["Parameters"])
    other_words = {"AccessDenied", "ResourceNotFound", "HideUntil"}
    words = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", PAGE)) - other_words
    table = TASKS.partition("| symptom | raise |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([A-Z]\w+)`", table)) <= parameters
    assert words <= parameters | set(template()["Outputs"])
    assert set(re.findall(r"\(output (\w+)\)", PAGE)) <= set(template()["Outputs"])


def test_the_saved_queries_it_names_are_the_templates() -> None:
    saved = {
        each["Name"]["Fn::Sub"].partition("/")[2]
        for each in resources("AWS::Logs::QueryDefinition").values()
    }
    text = " ".join(PAGE.split())
    assert {name for name in saved if f"*{name}*" in text} == saved


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    headings = {anchor(text) for text in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\]\((#[^)]+)\)", PAGE)) <= headings
