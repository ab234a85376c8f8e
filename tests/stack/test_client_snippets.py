"""The programs of docs/clients.md and README.md that publish or verify are run as they stand."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from hookline.domain.webhook.signing import new_secret, standard_signature, timestamp_of

ROOT = Path(__file__).resolve().parents[2]
SECRET = new_secret(bytes(range(1, 33)))
OTHER_SECRET = new_secret(bytes(range(2, 34)))
BODY = '{"type": "order.paid", "data": {"name": "Zoë", "total": "12.50"}}'


@dataclass(frozen=True, slots=True)
class Signed:
    """A call as a receiver gets it."""

    secret: str
    headers: dict[str, str]
    body: str


def a_call(
    secrets: tuple[str, ...] = (SECRET,), at: datetime | None = None, body: str = BODY
) -> Signed:
    sent_at = at or datetime.now(UTC)
    headers = {
        "webhook-id": "evt_01M81PY6T7X4SJTAJ8CSJCR31C",
        "webhook-timestamp": str(timestamp_of(sent_at)),
        "webhook-signature": standard_signature(
            secrets, "evt_01M81PY6T7X4SJTAJ8CSJCR31C", sent_at, body.encode()
        ),
    }
    return Signed(SECRET, headers, body)


def programs(page: str, language: str) -> list[str]:
    """The code of a page in one language, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def the_one(page: str, language: str, mark: str) -> str:
    (found,) = (each for each in programs(page, language) if mark in each)
    return found


def run(
    command: list[str], environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    # HOME is where go keeps what it has compiled of its own library.
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        command,
        check=False,  # how it ends is the verdict
        env=kept | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


type Verifies = Callable[[Signed, Path], bool]


def by_python(call: Signed, _: Path) -> bool:
    names: dict[str, Any] = {}
    exec(the_one("README.md", "python", "def verify"), names)  # noqa: S102 # what the page shows
    verified: bool = names["verify"](call.secret, call.headers, call.body.encode())
    return verified


def by_node(code: str) -> Verifies:
    def verify(call: Signed, folder: Path) -> bool:
        program = folder / "verify.mjs"
        given = f"{json.dumps(call.secret)}, {json.dumps(call.headers)}"
        body = f"Buffer.from({json.dumps(call.body)})"
        program.write_text(f"{code}\nprocess.exit(verify({given}, {body}) === true ? 0 : 3);\n")
        return verdict(run([tool("node"), str(program)], {}, folder))

    return verify


def by_go(call: Signed, folder: Path) -> bool:
    (folder / "go.mod").write_text("module hooks\n\ngo 1.21\n")
    (folder / "hooks.go").write_text(the_one("README.md", "go", "func Verify"))
    (folder / "command").mkdir()
    (folder / "command" / "main.go").write_text(_GO_MAIN)
    binary = folder / "verify"
    built = run([tool("go"), "build", "-o", str(binary), "./command"], {}, folder)
    assert built.returncode == 0, built.stderr
    return verdict(run([str(binary)], as_environment(call), folder))


def by_java(call: Signed, folder: Path) -> bool:
    (folder / "Hooks.java").write_text(the_one("docs/clients.md", "java", "boolean verify"))
    (folder / "Main.java").write_text(_JAVA_MAIN)
    (folder / "body").write_text(call.body, encoding="utf-8")
    built = run([tool("javac"), "Hooks.java", "Main.java"], {}, folder)
    assert built.returncode == 0, built.stderr
    return verdict(run([tool("java"), "-cp", str(folder), "Main"], as_environment(call), folder))


def by_shell(call: Signed, folder: Path) -> bool:
    code = the_one("README.md", "sh", "openssl dgst")
    return verdict(run([tool("sh"), "-c", f"{code}\nverify"], as_environment(call), folder), no=1)


def as_environment(call: Signed) -> dict[str, str]:
    headers = {name.upper().replace("-", "_"): value for name, value in call.headers.items()}
    return {"SECRET": call.secret, "BODY": call.body} | headers


def verdict(done: subprocess.CompletedProcess[str], no: int = 3) -> bool:
    assert done.returncode in {0, no}, done.stderr
    return done.returncode == 0


VERIFIERS: dict[str, Verifies] = {
    "python": by_python,
    "javascript": by_node(the_one("README.md", "js", "function verify")),
    "go": by_go,
    "java": by_java,
    "shell": by_shell,
}
SPOILT: dict[str, dict[str, str]] = {
    "no timestamp": {"webhook-timestamp": ""},
    "a timestamp that is no number": {"webhook-timestamp": "soon; echo 1"},
    "a timestamp of a thousand digits": {"webhook-timestamp": "9" * 1_000},
    "no signature": {"webhook-signature": ""},
    "a signature that is no base64": {"webhook-signature": "v1,* v1,\u00e9 v2 ,"},
}


@pytest.mark.parametrize("verifies", VERIFIERS.values(), ids=VERIFIERS.keys())
def test_a_signature_made_here_is_good_alone_and_beside_another_and_no_other_is(
    verifies: Verifies, tmp_path: Path
) -> None:
    def says(name: str, call: Signed) -> bool:
        folder = tmp_path / name
        folder.mkdir()
        return verifies(call, folder)

    good = a_call()
    assert says("good", good)
    assert says("rotated", a_call((OTHER_SECRET, SECRET)))
    assert not says("other secret", a_call((OTHER_SECRET,)))
    assert not says("other body", replace(good, body=BODY.replace("12.50", "99.50")))


@pytest.mark.parametrize("verifies", VERIFIERS.values(), ids=VERIFIERS.keys())
def test_a_call_of_an_hour_ago_is_refused(verifies: Verifies, tmp_path: Path) -> None:
    assert not verifies(a_call(at=datetime.now(UTC) - timedelta(hours=1)), tmp_path)


@pytest.mark.parametrize("verifies", VERIFIERS.values(), ids=VERIFIERS.keys())
def test_what_is_garbled_or_missing_is_told_false_and_breaks_nothing(
    verifies: Verifies, tmp_path: Path
) -> None:
    good = a_call()
    for name, headers in SPOILT.items():
        folder = tmp_path / name
        folder.mkdir()
        assert not verifies(replace(good, headers=good.headers | headers), folder), name
    if verifies is by_python:
        assert not verifies(replace(good, headers={}), tmp_path)


PUBLISHERS: dict[str, tuple[str, str, Callable[[Path], list[str]]]] = {
    "python": ("python", "publish.py", lambda at: [sys.executable, str(at)]),
    "javascript": ("js", "publish.mjs", lambda at: [tool("node"), str(at)]),
    "go": ("go", "publish.go", lambda at: [tool("go"), "run", str(at)]),
    "java": ("java", "Publish.java", lambda at: [tool("java"), str(at)]),
    "shell": ("sh", "publish.sh", lambda at: [tool("sh"), str(at)]),
}


@pytest.mark.parametrize("client", PUBLISHERS)
def test_publishing_sends_one_event_with_its_key_and_shows_the_answers_id(
    client: str, tmp_path: Path
) -> None:
    language, name, command = PUBLISHERS[client]
    program = tmp_path / name
    program.write_text(the_one("docs/clients.md", language, "HOOKLINE_API"))
    with an_api() as (address, requests):
        environment = {"HOOKLINE_API": address, "HOOKLINE_KEY": "hl_key_secret"}
        done = run(command(program), environment, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "order-17-paid" in done.stdout
    ((path, headers, body),) = requests
    assert path == "/v1/tenants/acme/events"
    assert headers["Authorization"] == "Bearer hl_key_secret"
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["type"] == "order.paid"


def test_every_program_of_the_clients_page_is_one_of_those_above() -> None:
    fences = re.findall(
        r"^```(\w+)$", (ROOT / "docs" / "clients.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert fences == ["python", "js", "go", "java", "java", "sh"]


@contextmanager
def an_api() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    """A server that accepts what is published, and what it got."""
    requests: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, dict(self.headers), body))
            answer = {"id": json.loads(body)["id"], "type": "order.paid", "duplicate": False}
            self.send_response(202)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base's name
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests
        finally:
            server.shutdown()
            serving.join()


_GO_MAIN = """
package main

import (
	"hooks"
	"net/http"
	"os"
)

func main() {
	headers := http.Header{}
	for header, variable := range map[string]string{
		"webhook-id":        "WEBHOOK_ID",
		"webhook-timestamp": "WEBHOOK_TIMESTAMP",
		"webhook-signature": "WEBHOOK_SIGNATURE",
	} {
		headers.Set(header, os.Getenv(variable))
	}
	if !hooks.Verify(os.Getenv("SECRET"), headers, []byte(os.Getenv("BODY"))) {
		os.Exit(3)
	}
}
"""

_JAVA_MAIN = """
import java.util.Map;

public class Main {
    public static void main(String[] arguments) throws Exception {
        Map<String, String> headers = Map.of(
            "webhook-id", System.getenv("WEBHOOK_ID"),
            "webhook-timestamp", System.getenv("WEBHOOK_TIMESTAMP"),
            "webhook-signature", System.getenv("WEBHOOK_SIGNATURE"));
        // Not every environment is read as UTF-8; here the body is handed over as what it is.
        byte[] body = java.nio.file.Files.readAllBytes(java.nio.file.Path.of("body"));
        System.exit(Hooks.verify(System.getenv("SECRET"), headers, body) ? 0 : 3);
    }
}
"""
