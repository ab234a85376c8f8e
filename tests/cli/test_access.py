"""login and what it keeps; errors, repeats and exit codes; completion."""

from __future__ import annotations

import ast
import re
import stat
import tomllib
from pathlib import Path

import httpx
import pytest

from hookline_cli.errors import Exit
from tests.cli.conftest import API, Terminal
from tests.worlds.client import ROOT_KEY

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def test_a_login_is_kept_for_its_owner_alone_and_used_from_then_on(terminal: Terminal) -> None:
    key = terminal.stack.acme.a_key(level="admin")
    terminal.environ.clear()
    ended = terminal.done("login", "--api", API, "--key-stdin", given=f"{key}\n")
    assert "somebody" in ended.out
    assert "tenant acme" in ended.out
    assert stat.S_IMODE(terminal.config.stat().st_mode) == 0o600
    assert terminal.done("webhooks", "list", "--json").json == []
    assert terminal.done("whoami", "--json").json["tenant"] == "acme"


def test_the_key_is_asked_for_without_showing_it_and_is_no_argument(terminal: Terminal) -> None:
    terminal.environ.clear()
    ended = terminal.done("login", "--tenant", "acme", given=f"{API}\n{ROOT_KEY}\n")
    assert "root key" in ended.out
    assert ROOT_KEY not in ended.out + ended.err
    assert terminal("login", "--key", ROOT_KEY).code == Exit.USAGE


def test_a_key_that_is_not_good_is_not_kept(terminal: Terminal) -> None:
    terminal.environ["HOOKLINE_KEY"] = "hl_root_" + "x" * 43
    ended = terminal("login")
    assert ended.code == Exit.ACCESS
    assert ended.err.startswith("hookline: unauthenticated: ")
    assert not terminal.config.exists()


def test_each_profile_is_a_stack_of_its_own_and_can_be_forgotten(terminal: Terminal) -> None:
    terminal.done("login", "--profile", "prod", "--tenant", "acme")
    terminal.environ.clear()
    assert terminal("whoami").code == Exit.ACCESS
    assert terminal.done("whoami", "--profile", "prod").out
    terminal.environ["HOOKLINE_PROFILE"] = "prod"
    assert terminal.done("whoami").out
    terminal.done("logout")
    assert terminal("logout").code == Exit.NO
    assert terminal("whoami").code == Exit.ACCESS


def test_a_file_of_keys_that_others_may_read_is_refused(terminal: Terminal) -> None:
    terminal.done("login")
    terminal.environ.clear()
    terminal.config.chmod(0o644)
    ended = terminal("whoami")
    assert ended.code == Exit.ACCESS
    assert "unsafe_file" in ended.err


def test_a_key_never_travels_in_clear_nor_to_another_address(terminal: Terminal) -> None:
    assert terminal("login", "--api", "http://hooks.example").code == Exit.USAGE
    terminal.done("login")
    terminal.environ.clear()
    terminal.environ["HOOKLINE_API"] = "https://elsewhere.example"
    assert "not_logged_in" in terminal("webhooks", "list").err


def test_a_refusal_is_one_line_with_its_code_every_rule_and_the_request(terminal: Terminal) -> None:
    ended = terminal("webhooks", "create", "--name", "x", "--url", "ftp://x", "-e", "a b")
    assert ended.code == Exit.REFUSED
    assert len(ended.err.splitlines()) == 1
    assert re.fullmatch(r"hookline: invalid: .*events\.0: .*url: .*\(request .+\)\n", ended.err)
    problem = terminal("webhooks", "show", "wh_" + "0" * 26, "--json")
    assert problem.code == Exit.REFUSED
    assert '"code": "not_found"' in problem.err


def test_a_right_that_is_missing_has_an_exit_code_of_its_own(terminal: Terminal) -> None:
    terminal.environ["HOOKLINE_KEY"] = terminal.stack.acme.a_key(level="read")
    assert terminal("publish", "order.paid").code == Exit.ACCESS


def test_what_the_platform_cannot_answer_now_is_tried_again_as_the_same_request(
    terminal: Terminal,
) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if len(requests) == 1:
            raise httpx.ConnectError("refused")
        if len(requests) == 2:
            return httpx.Response(429, json={}, headers={"Retry-After": "7"})
        return httpx.Response(202, json={"id": "e", "type": "t", "duplicate": False})

    assert terminal("publish", "t", api=httpx.MockTransport(answer)).code == Exit.DONE
    assert len({request.headers["Idempotency-Key"] for request in requests}) == 1
    assert terminal.slept == 2


@pytest.mark.parametrize("status", [None, 503, 200])
def test_an_api_that_does_not_answer_as_one_is_told_from_a_refusal(
    terminal: Terminal, status: int | None
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if status is None:
            raise httpx.ConnectError("refused")
        return httpx.Response(status, text="<html>")

    ended = terminal("webhooks", "list", api=httpx.MockTransport(answer))
    assert ended.code == Exit.UNAVAILABLE
    assert len(ended.err.splitlines()) == 1


def test_an_edit_whose_answer_was_lost_is_not_repeated(terminal: Terminal) -> None:
    made = terminal.stack.acme.a_webhook()
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        raise httpx.ReadError("lost")

    api = httpx.MockTransport(answer)
    assert terminal("webhooks", "edit", made["id"], "--name", "x", api=api).code == Exit.UNAVAILABLE
    assert calls == ["PATCH"]


def test_the_page_names_every_exit_code() -> None:
    named = re.findall(r"^\| (\d+) \|", DOCS.read_text(), re.MULTILINE)
    assert [int(code) for code in named] == [int(code) for code in Exit]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(terminal: Terminal, shell: str) -> None:
    assert "_HOOKLINE_COMPLETE" in terminal.done("completion", shell).out


def test_the_console_is_opened_without_a_key_in_its_address(terminal: Terminal) -> None:
    assert terminal.done("open", "--print").out == f"{API}/console\n"


def test_the_package_reads_as_the_oldest_python_that_it_says_to_run_on() -> None:
    """Newer syntax would install, and fail at the first command."""
    package = Path(__file__).parents[2] / "cli"
    said = tomllib.loads((package / "pyproject.toml").read_text())["project"]["requires-python"]
    minor = int(said.removeprefix(">=3."))
    for path in package.rglob("*.py"):
        ast.parse(path.read_text(), feature_version=(3, minor))
