"""FlexDeploy's scripts as docs/flexdeploy.md does them: its JSON is run as it stands."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hookline.domain.inbound.message import Call, Message, Outcome, Progress
from hookline.services.inbound.receive import Done
from tests.engine.inbound_stack import Stack
from tests.inbound_builders import a_call
from tests.unit.inbound.issuing import Published, token
from tests.unit.inbound.payloads import NOW, Payload, payloads

PAGE = (Path(__file__).parents[3] / "docs" / "flexdeploy.md").read_text(encoding="utf-8")
SCRIPTS: dict[str, dict[str, Any]] = {
    title: json.loads(text)
    for title, text in re.findall(
        r"^## (.+?)\n.*?```json\n(.+?)\n```", PAGE, re.DOTALL | re.MULTILINE
    )
}
SENDERS = {each.preset: each for each in payloads()}
scripts = pytest.mark.parametrize("title", SCRIPTS)


def _signed(script: dict[str, Any]) -> tuple[Call, dict[str, Any]]:
    """The call of a section as its sender signs it, and the provider with the right secret."""
    sent, provider = script["sent"], json.loads(json.dumps(script["provider"]))
    verify = provider["verify"]
    query = {name: (value,) for name, value in sent.get("query", {}).items()}
    if "payload" not in sent:
        headers = {"content-type": "application/json", **sent.get("headers", {})}
        if sent.get("token"):
            headers["authorization"] = f"Bearer {token()}"
        verify |= {"token": "s3cret-of-theirs"} if "token" in verify else {}
        body = json.dumps(sent["body"]).encode()
        return a_call(uri=sent["uri"], headers=headers, query=query, body=body), provider
    document = dict(SENDERS[sent["payload"]].document)
    document["headers"] = {**document["headers"], **sent.get("headers", {})}
    document["body"] = sent.get("body", document["body"])
    signed = Payload(sent["payload"], document).signed
    verify["secret"] = signed.secrets[0]
    return replace(signed.call, uri=sent["uri"], query=query), provider


def _stack(script: dict[str, Any]) -> tuple[Stack, Call]:
    call, provider = _signed(script)
    documents = {url: json.dumps(each).encode() for url, each in Published().now.items()}
    stack = Stack(now=NOW if "payload" in script["sent"] else Stack.now, published=documents)
    provider_id = stack.a_provider(**provider)
    for function in script["functions"]:
        stack.a_function(provider_id, **function)
    return stack, call


def _received(stack: Stack, call: Call) -> Message:
    answer = stack.kept(call)
    if not isinstance(answer, Done):
        stack.work(answer.message_id)
    return stack.message(answer.message_id)


def test_every_system_of_the_examples_has_its_section() -> None:
    assert len(SCRIPTS) == PAGE.count("```json") == 10
    words = " ".join(SCRIPTS)
    for name in ("GitHub", "GitLab", "Bitbucket", "Jira", "Azure DevOps", "ServiceNow", "Teams"):
        assert name in words


@scripts
def test_what_is_sent_comes_out_as_the_page_says(title: str) -> None:
    script = SCRIPTS[title]
    stack, call = _stack(script)
    message = _received(stack, call)
    assert (message.status, message.outcome) == (Progress.SUCCESS, Outcome.MATCHED), message
    events = [
        {"type": each.type, "entity_id": each.entity_id, "data": each.data}
        for each in stack.events.accepted.values()
    ]
    assert events == [{"entity_id": None, "data": None, **each} for each in script["published"]]
    said = [each.message for each in message.executions]
    assert [text for text in script.get("messages", []) if text not in said] == []


@scripts
def test_a_stranger_publishes_nothing(title: str) -> None:
    stack, call = _stack(SCRIPTS[title])
    headers = {
        name: value
        for name, value in call.headers.items()
        if "signature" not in name and "token" not in name and name != "authorization"
    }
    query = {name: value for name, value in call.query.items() if name != "token"}
    answer = stack.receive(replace(call, headers=headers, query=query))
    if hasattr(answer, "message_id"):
        stack.work(answer.message_id)
    assert stack.events.accepted == {}


def test_a_deleted_branch_ends_its_stream_and_a_tag_makes_none() -> None:
    script = json.loads(json.dumps(SCRIPTS["GitHub: create and end a stream"]))
    script["sent"]["headers"] = {"x-github-event": "delete"}
    stack, call = _stack(script)
    _received(stack, call)
    assert [each.type for each in stack.events.accepted.values()] == ["stream.inactivate"]
    script["sent"]["body"]["ref_type"] = "tag"
    stack, call = _stack(script)
    assert _received(stack, call).status is Progress.SUCCESS
    assert stack.events.accepted == {}
