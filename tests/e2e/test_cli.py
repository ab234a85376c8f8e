"""The tool's own processes on the deployed stack: a delivery on the developer's machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import yaml
from standardwebhooks import Webhook

from local.receiver import Receiver
from tests.e2e.pages import ROOT
from tests.e2e.tenant import Tenant


class Tool:
    """The tool, logged in with a key of the tenant's own."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        _, caller = tenant.principal(level="admin")
        kept = {name: text for name, text in os.environ.items() if not name.startswith("HOOKLINE_")}
        self.env = kept | {"HOOKLINE_CONFIG_DIR": str(folder), "PYTHONPATH": str(ROOT / "cli")}
        self.folder = folder
        self("login", "--api", tenant.stack.api, "--key-stdin", given=str(caller.key))

    def __call__(self, *arguments: str, given: str = "", code: int = 0) -> str:
        done = subprocess.run(
            self.command(*arguments),
            check=False,
            env=self.env,
            cwd=self.folder,
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, done
        return done.stdout

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "hookline_cli", *arguments]

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Runs beside the test, from when it says that it listens."""
        with subprocess.Popen(
            self.command(*arguments),
            env=self.env,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stderr is not None
                assert "Listening" in process.stderr.readline()
                yield process
            finally:
                process.kill()


@pytest.fixture
def tool(tenant: Tenant, tmp_path: Path) -> Tool:
    return Tool(tenant, tmp_path)


@pytest.fixture
def machine() -> Iterator[Receiver]:
    """A server on the developer's machine: the deployed stack does not know of it."""
    with closing(Receiver(0)) as started:
        yield started


@pytest.mark.parametrize("pristine", [False, True])
def test_a_published_event_reaches_the_developers_machine_and_verifies(
    tenant: Tenant, tool: Tool, machine: Receiver, *, pristine: bool
) -> None:
    hook = tenant.hook(signatures=["standard", "hmac-sha256"])
    secret = hook.secret if pristine else tool("listen", "--print-secret").strip()
    options = ["--pristine", "--webhook", hook.made["name"]] if pristine else []
    target = f"http://127.0.0.1:{machine.port}/dev"
    with tool.running("listen", "--forward", target, "--count", "1", "--json", *options) as listens:
        published = json.loads(
            tool("publish", "order.paid", "-d", '{"total": 19.90}', "--wait", "120", "--json")
        )
        out, _ = listens.communicate(timeout=120)
        assert listens.returncode == 0
    (call,) = machine.calls("/dev")
    assert Webhook(secret).verify(call.body, call.headers)["data"] == {"total": 19.90}
    (real,) = hook.arrivals()
    assert call.body == real.call.body
    kept = {"webhook-id", "x-hookline-delivery-id", "x-hookline-attempt"}
    if pristine:
        kept |= {"webhook-timestamp", "webhook-signature", "x-hookline-signature-256"}
    for name in kept:
        assert call.headers[name] == real.headers[name], name
    said = json.loads(out)
    assert said["ok"]
    assert said["event_id"] == published["id"]


def test_a_local_receiver_that_fails_is_seen_and_a_retry_comes_again(
    tenant: Tenant, tool: Tool, machine: Receiver
) -> None:
    hook = tenant.hook()
    target = f"http://127.0.0.1:{machine.port}/fail/1/dev"
    name = str(hook.made["name"])
    with tool.running("listen", "-f", target, "-w", name, "--count", "2") as listens:
        tool("publish", "order.paid", "--wait", "120")
        assert listens.stdout is not None
        assert "-> 500 in" in listens.stdout.readline()
        (delivery,) = hook.log()
        assert delivery["status"] == "success"  # what the endpoint answered is what counts
        assert "success" in tool("retry", delivery["id"], "-w", name, "--wait", "120")
        out, err = listens.communicate(timeout=120)
    assert "-> 200 in" in out
    assert "2 forwarded, 1 of them failed here" in err
    assert listens.returncode == 1
    assert len(machine.calls("/fail/1/dev")) == 2


def test_applying_twice_changes_nothing_and_a_drift_is_shown_and_mended(
    tenant: Tenant, tool: Tool
) -> None:
    hook = tenant.hook(headers={"X-Api-Key": "s3cret-of-mine"})
    tool("export", "-o", "hooks.yaml")
    text = (tool.folder / "hooks.yaml").read_text()
    assert "s3cret-of-mine" not in text
    assert hook.secret not in text
    document = yaml.safe_load(text)
    document["webhooks"][0] |= {"timeout_seconds": 7, "description": "kept in a file"}
    (tool.folder / "hooks.yaml").write_text(yaml.safe_dump(document))
    assert "timeout_seconds: 10 -> 7" in tool("apply", "-f", "hooks.yaml", "--dry-run", code=3)
    tool("apply", "-f", "hooks.yaml", "--yes")
    version = hook.api.get(hook.at)["version"]
    assert "Nothing to do" in tool("apply", "-f", "hooks.yaml", "--yes")
    assert hook.api.get(hook.at)["version"] == version
    hook.patch(timeout_seconds=9)
    assert "timeout_seconds: 9 -> 7" in tool("apply", "-f", "hooks.yaml", "--dry-run", code=3)
    tool("apply", "-f", "hooks.yaml", "--yes")
    assert hook.api.get(hook.at)["timeout_seconds"] == 7


def test_what_failed_is_recovered_with_a_count_before(tenant: Tenant, tool: Tool) -> None:
    hook = tenant.hook("/fail/1", retry={"max_attempts": 1})
    event = tenant.publish()
    hook.delivered(event, "failed")
    assert (
        json.loads(tool("recover", hook.id, "--since", "1h", "--dry-run", "--json"))["matched"] == 1
    )
    job = json.loads(tool("recover", hook.id, "--since", "1h", "--yes", "--json"))
    assert (job["status"], job["resent"]) == ("done", 1)
    hook.delivered(event)
