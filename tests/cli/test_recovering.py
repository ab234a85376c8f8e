"""recover: counted, asked for, watched while it runs, and stopped."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click import unstyle

from hookline_cli.errors import Exit
from local.receiver import Receiver
from tests.cli.conftest import Terminal, at


def failures(terminal: Terminal, receiver: Receiver, count: int) -> str:
    """The name of a webhook with so many failed deliveries, whose endpoint is up again."""
    acme = terminal.stack.acme
    hook = acme.a_webhook(
        url=at(receiver, f"/fail/{count}/x"), retry={"max_attempts": 1}, events=["flow.executed"]
    )
    for _ in range(count):
        acme.made("/events", {"type": "flow.executed"})
    terminal.stack.deliver()
    return str(hook["name"])


def statuses(terminal: Terminal, hook: str) -> set[str]:
    told = terminal.done("tail", "-w", hook, "--no-follow", "--json").lines
    return {str(each["status"]) for each in told}


@pytest.fixture
def asleep(terminal: Terminal) -> Callable[[], None]:
    """From here on the scheduler has a round whenever the tool sleeps."""

    def sleeping(seconds: float, slept: Callable[[float], None] = terminal.sleep) -> None:
        slept(seconds)
        terminal.stack.schedule()

    def begin() -> None:
        terminal.sleep = sleeping  # type: ignore[method-assign]  # this terminal's nights alone

    return begin


def test_recovering_counts_asks_and_watches(
    terminal: Terminal, receiver: Receiver, asleep: Callable[[], None]
) -> None:
    hook = failures(terminal, receiver, 3)
    counted = terminal.done("recover", hook, "--since", "1h", "--dry-run")
    assert "3 deliveries" in counted.out
    assert terminal("recover", hook, "--since", "1h", given="n\n").code == Exit.INTERRUPTED
    assert statuses(terminal, hook) == {"failed"}
    assert terminal("recover", hook).code == Exit.USAGE
    assert terminal("recover", hook, "--since", "yesterday").code == Exit.USAGE
    asleep()
    job = terminal.done("recover", hook, "--since", "1h", "--yes", "--json").json
    assert (job["status"], job["resent"]) == ("done", 3)
    assert "failed" not in statuses(terminal, hook)


def test_a_bar_on_stderr_shows_how_far_it_is_and_leaves_the_answer_alone(
    terminal: Terminal,
    receiver: Receiver,
    asleep: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook = failures(terminal, receiver, 8)
    asleep()
    monkeypatch.setenv("FORCE_COLOR", "1")  # as at a terminal
    ended = terminal.done("recover", hook, "--since", "1h", "--rate", "0.1", "--yes")
    drawn = unstyle(ended.err)
    assert "6/8" in drawn  # of 0.1 a second, a first minute's
    (job,) = {each for each in drawn.split() if each.startswith("job_")}
    assert unstyle(ended.out) == f"{job}  done: 8 of 8 attempted again\n"


def test_ctrl_c_ends_the_watching_and_says_how_to_stop_what_goes_on(
    terminal: Terminal, receiver: Receiver
) -> None:
    hook = failures(terminal, receiver, 8)
    terminal.patience = 0
    ended = terminal("recover", hook, "--since", "1h", "--rate", "0.1", "--yes")
    assert ended.code == Exit.INTERRUPTED
    said = ended.err.strip().splitlines()[-1]
    assert said.startswith("It goes on. To stop it: hookline recover ")
    stop = said.partition("hookline ")[2].split()
    stopped = terminal.done(*stop)
    assert "cancelled: 6 of 8 attempted again" in stopped.out
    again = terminal(*stop)
    assert again.code == Exit.REFUSED
    assert "hookline: " in again.err


def test_a_recovery_need_not_be_watched(terminal: Terminal, receiver: Receiver) -> None:
    hook = failures(terminal, receiver, 8)
    job = terminal.done(
        "recover", hook, "--since", "1h", "--rate", "0.1", "-y", "--no-wait", "--json"
    ).json
    assert terminal.slept == 0
    assert (job["status"], job["remaining"]) == ("running", 2)
    stopped = terminal.done("recover", hook, "--cancel", job["id"], "--json").json
    assert (stopped["id"], stopped["status"]) == (job["id"], "cancelled")
