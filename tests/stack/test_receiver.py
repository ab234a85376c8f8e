"""The receiver of the local stack: it records what arrives and misbehaves exactly as told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from local.behaviours import Behaviour
from local.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    with closing(Receiver(0)) as started:
        yield started, f"http://127.0.0.1:{started.port}"


type Running = tuple[Receiver, str]


def test_a_call_is_recorded_as_it_came(receiver: Running) -> None:
    _, url = receiver
    answer = requests.post(f"{url}/orders?a=b", json={"x": 1}, headers={"Webhook-Id": "e1"})
    assert answer.status_code == 200
    (call,) = requests.get(f"{url}/_calls").json()["calls"]
    assert (call["method"], call["path"], call["query"]) == ("POST", "/orders", "a=b")
    assert call["headers"]["webhook-id"] == "e1"
    assert call["body"] == '{"x": 1}'


def test_a_body_that_is_no_text_is_shown_in_base64(receiver: Running) -> None:
    running, url = receiver
    requests.post(f"{url}/bytes", data=b"\xff\x00")
    (call,) = running.calls("/bytes")
    assert (call.body, call.body_is_base64) == ("/wA=", True)


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/orders", [200, 200]),
        ("/fail/1/orders", [500, 200]),
        ("/status/404", [404, 404]),
        ("/status/page", [200, 200]),
        ("/gone", [410, 410]),
        ("/redirect", [302, 302]),
        ("/retry-after/7", [503, 503]),
    ],
)
def test_a_path_says_how_it_answers(receiver: Running, path: str, statuses: list[int]) -> None:
    _, url = receiver
    answers = [requests.post(url + path, allow_redirects=False) for _ in statuses]
    assert [answer.status_code for answer in answers] == statuses


def test_failing_each_counts_for_every_event_by_itself(receiver: Running) -> None:
    _, url = receiver
    calls = [("e1", 500), ("e2", 500), ("e1", 200), ("e2", 200)]
    for event, status in calls:
        answer = requests.post(f"{url}/fail-each/1", headers={"webhook-id": event})
        assert answer.status_code == status


def test_a_reset_leaves_the_caller_without_an_answer(receiver: Running) -> None:
    running, url = receiver
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{url}/reset")
    assert [call.status for call in running.calls("/reset")] == [0]


def test_a_behaviour_can_be_set_and_taken_back(receiver: Running) -> None:
    _, url = receiver
    setting = {"status": 429, "headers": {"Retry-After": "9"}, "body": "later"}
    assert requests.put(f"{url}/_behaviours/orders", json=setting).status_code == 204
    refused = requests.post(f"{url}/orders")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "9")
    assert refused.text == "later"
    requests.delete(f"{url}/_behaviours/orders")
    assert requests.post(f"{url}/orders").status_code == 200


def test_an_unknown_setting_is_refused(receiver: Running) -> None:
    _, url = receiver
    answer = requests.put(f"{url}/_behaviours/orders", json={"colour": "red"})
    assert answer.status_code == 422


def test_forgetting_clears_calls_and_settings(receiver: Running) -> None:
    running, url = receiver
    running.set_behaviour("/orders", Behaviour(status=500))
    requests.post(f"{url}/orders")
    requests.delete(f"{url}/_calls")
    assert requests.post(f"{url}/orders").status_code == 200
    assert len(running.calls()) == 1


def test_the_page_shows_calls_and_escapes_what_strangers_sent(receiver: Running) -> None:
    _, url = receiver
    requests.post(f"{url}/x", data="<script>")
    shown = requests.get(f"{url}/").text
    assert "/x" in shown
    assert "&lt;script&gt;" in shown
