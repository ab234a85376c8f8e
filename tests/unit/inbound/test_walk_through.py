"""The walk-through of FlexDeploy's page: three providers in sequence, six functions, one push."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from hookline.domain.ids import ProviderId
from hookline.domain.inbound.message import Outcome, Progress
from hookline.ports.inbound import Answered
from tests.builders import TENANT
from tests.engine.inbound_stack import BY, Stack
from tests.inbound_builders import LAMBDA_ARN, a_call

JIRA, GITHUB, SLACK = (f"{LAMBDA_ARN}-{name}" for name in ("jira", "github", "slack"))


@dataclass
class WalkThrough:
    stack: Stack
    jira: ProviderId
    github: ProviderId
    slack: ProviderId


@pytest.fixture
def flex() -> WalkThrough:
    """As in the page's diagram; the match functions tell which of them were ever asked."""

    def yes_if_from(agent: str) -> object:
        def answer(payload: Mapping[str, object]) -> Answered:
            headers = payload["headers"]
            assert isinstance(headers, Mapping)
            return Answered({"match": headers.get("user-agent") == agent, "log": "looked"}, "")

        return answer

    stack = Stack(
        answers={
            JIRA: yes_if_from("jira"),  # type: ignore[dict-item] # returns an answer's maker
            GITHUB: yes_if_from("github"),  # type: ignore[dict-item] # as above
            SLACK: yes_if_from("slack"),  # type: ignore[dict-item] # as above
        },
        allowed=frozenset({JIRA, GITHUB, SLACK}),
    )
    jira, github, slack = (
        stack.a_provider(name=name, match={"function_arn": arn})
        for name, arn in (("Jira", JIRA), ("GitHub", GITHUB), ("Slack", SLACK))
    )
    for provider, name, uri in (
        (jira, "Jira - git/push", "git/push"),
        (jira, "Jira - issue", "issue/create"),
        (github, "GitHub - build", "git/push"),
        (github, "GitHub - notify", "git/push"),
        (github, "GitHub - stream/create", "stream/create"),
        (slack, "Slack - git/push", "git/push"),
    ):
        event = {
            "type": "'git.push'",
            "entity_id": "message.query.projectId[0]",
            "data": {"function": f"'{name}'"},
        }
        action = {"type": "publish", "event": event}
        stack.a_function(provider, name=name, uri=uri, action=action)
    return WalkThrough(stack, jira, github, slack)


def test_a_push_by_github_runs_exactly_the_two_functions_that_match(flex: WalkThrough) -> None:
    message = flex.stack.received(a_call(headers={"user-agent": "github"}))
    assert [run.function_name for run in message.executions] == [
        "GitHub - build",
        "GitHub - notify",
    ]
    assert {run.status for run in message.executions} == {Progress.SUCCESS}
    assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED)
    assert (message.provider_id, message.provider_name) == (flex.github, "GitHub")
    assert len(flex.stack.events.accepted) == 2


def test_slack_is_never_asked_and_jira_is_noted_as_passed_over(flex: WalkThrough) -> None:
    message = flex.stack.received(a_call(headers={"user-agent": "github"}))
    assert [arn for arn, _ in flex.stack.invocations.calls] == [JIRA, GITHUB]
    assert [(each.provider_id, each.reason) for each in message.passed_over] == [
        (flex.jira, "the match function said no: looked")
    ]


def test_the_query_does_not_count_for_the_match_and_can_be_read(flex: WalkThrough) -> None:
    call = a_call(headers={"user-agent": "github"}, query={"projectId": ("123",)})
    message = flex.stack.received(call)
    assert len(message.executions) == 2
    assert {event.entity_id for event in flex.stack.events.accepted.values()} == {"123"}


def test_a_reordered_sequence_is_asked_in_its_new_order(flex: WalkThrough) -> None:
    ids = {"ids": [flex.slack, flex.github, flex.jira]}
    assert [each["sequence"] for each in flex.stack.providers.reorder(TENANT, ids)] == [1, 2, 3]
    flex.stack.received(a_call(headers={"user-agent": "github"}))
    assert [arn for arn, _ in flex.stack.invocations.calls] == [SLACK, GITHUB]


def test_an_inactive_provider_is_noted_and_never_asked(flex: WalkThrough) -> None:
    flex.stack.providers.patch(TENANT, flex.github, {"active": False}, BY)
    message = flex.stack.received(a_call(headers={"user-agent": "github"}))
    assert [arn for arn, _ in flex.stack.invocations.calls] == [JIRA, SLACK]
    assert [each.reason for each in message.passed_over][1] == "inactive"
    assert (message.status, message.outcome) == (Progress.FAILED, Outcome.NO_PROVIDER)


def test_a_uri_without_a_function_is_noted_as_such(flex: WalkThrough) -> None:
    message = flex.stack.received(a_call(uri="something/random", headers={"user-agent": "github"}))
    assert (message.status, message.outcome) == (Progress.FAILED, Outcome.NO_FUNCTION)
    assert message.provider_id == flex.github
