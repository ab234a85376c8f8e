"""Every shell block of docs/operations.md is run on the local stack as it is printed.

But for the names that it takes from a real day: its tenant, webhook, delivery, principal and times.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.aws import session
from tests.e2e.pages import ROOT, blocks, sh
from tests.e2e.stack import Stack
from tests.e2e.tenant import Tenant
from tests.e2e.waiting import eventually

BLOCKS = blocks("docs/operations.md")
MARKS = {
    "first": "output() {",
    "local": "export AWS_ENDPOINT_URL",
    "dead letters": "receive-message",
    "nudge": "nudged_at",
    "triggers": "list-event-source-mappings",
    "round": "lambda invoke",
    "health": "health?deep=true",
    "move": "start-message-move-task",
    "redrive": "local.redrive",
    "recover": '"dry_run": true',
    "root key": "hookline-$STAGE-root-key \\\n  --secret-string",
    "keys": "KEYS=$API",
    "secret": "/secret/rotate",
    "signing key": "hookline-$STAGE-signing-key \\\n  --secret-string",
    "shards": "--select COUNT",
    "restore": "restore-table-to-point-in-time",
    "put back": "put_back() {",
    "roll back": "git checkout",
    "delete": "schedule-key-deletion",
    "compressed": "gunzip",
    "story": "story() {",
    "lines": "jq -r '[.timestamp",
}
SPARE = "spare"
"""A stage with nothing but what a block destroys or puts out of use."""

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="the page's commands need jq")


def the(mark: str) -> str:
    (found,) = (each for each in BLOCKS if MARKS[mark] in each)
    return found


def test_each_block_is_one_of_those_below() -> None:
    assert [the(mark) for mark in MARKS] == BLOCKS


class Operator:
    """Somebody at a terminal, with what the page takes for granted."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.tenant, self.folder = tenant, folder
        stack = tenant.stack
        ours = the("local").replace("http://127.0.0.1:4566", stack.aws_endpoint)
        granted = the("first").replace("STAGE=prod\n", "")
        self.before = f"{ours}\n{granted}\nAPI={stack.api}\n"

    def __call__(self, *lines: str, stage: str = "local", **names: str) -> str:
        script = "\n".join(lines).replace("acme", self.tenant.name)
        for shown, real in names.items():
            script = re.sub(rf"{shown}_[0-9A-Z]{{26}}", real, script)
        return sh(f"{self.before}\nSTAGE={stage}\n{script}", self.tenant.stack, self.folder).out


@pytest.fixture
def operator(tenant: Tenant, tmp_path: Path) -> Operator:
    return Operator(tenant, tmp_path)


def test_a_dead_letter_is_looked_at_and_redriven(tenant: Tenant, operator: Operator) -> None:
    hook = tenant.hook("/fail/1", retry={"max_attempts": 1})
    event = tenant.publish()
    hook.delivered(event, "failed")
    eventually(lambda: event in operator(the("dead letters")), f"dead letter of {event}")
    # The emulator lacks the call that moves messages; the queues that it names are there.
    arn = the("move").partition("aws sqs start-message")[0]
    assert "arn:aws:sqs" in operator(arn, "arn dead-letters", "arn deliveries")
    stack = operator.folder / "stack.json"
    stack.write_text(json.dumps(asdict(tenant.stack)))
    command = the("redrive").replace(".local/venvs/local/bin/python", sys.executable).rstrip()
    assert "moved" in operator(f"cd {ROOT}", f"{command} --stack {stack}")
    hook.delivered(event)


def test_the_stack_is_asked_whether_all_is_well(operator: Operator) -> None:
    assert '"checks":[' in operator(the("health"))


def test_an_event_is_sent_through_fan_out_again(tenant: Tenant, operator: Operator) -> None:
    hook = tenant.hook()
    event = tenant.publish(id="order-17-paid")
    hook.delivered(event)
    operator(the("nudge"))
    assert len(hook.arrivals(event)) == 1


def test_triggers_are_listed_and_enabled_and_a_round_is_run(operator: Operator) -> None:
    listing, _, enabling = the("triggers").partition("aws lambda update")
    listed = [line.split("\t") for line in operator(listing).splitlines()]
    stream = next(uuid for uuid, _, arn in listed if "/stream/" in arn)
    given = f"aws lambda update{enabling}".replace("<the UUID of the stream's>", stream)
    assert stream in operator(given)
    operator(the("round"))
    assert (operator.folder / "round.json").exists()


def test_a_lost_hour_is_counted_and_keys_and_secrets_are_rotated(
    tenant: Tenant, operator: Operator
) -> None:
    hook = tenant.hook()
    hook.delivered(tenant.publish())
    principal, _ = tenant.principal(level="read")
    key = tenant.api.get(f"/principals/{principal}/keys")["items"][0]["id"]
    said = operator(
        _of_today(the("recover")), the("secret"), the("keys"), wh=hook.id, prn=principal, key=key
    )
    assert '{"matched":1}' in said
    assert '"secret":"whsec_' in said
    assert "urn:hookline:problem" not in said
    keys = tenant.api.get(f"/principals/{principal}/keys")["items"]
    assert key not in {each["id"] for each in keys}


def _of_today(block: str) -> str:
    now = datetime.now(UTC)
    for shown, real in (("13:00:00Z", now - timedelta(hours=1)), ("14:00:00Z", now)):
        block = block.replace(f"2026-11-22T{shown}", f"{real + timedelta(minutes=1):%FT%TZ}")
    return block


def test_what_a_shard_of_a_log_holds_is_counted(tenant: Tenant, operator: Operator) -> None:
    hook = tenant.hook()
    hook.delivered(tenant.publish())
    assert operator(the("shards"), wh=hook.id).strip() == "1"


def test_a_table_is_restored_beside_itself_and_what_is_missing_is_put_back(
    tenant: Tenant, operator: Operator
) -> None:
    hook = tenant.hook()
    said = operator(the("restore"), the("put back"))
    assert "kept: {" in said
    hook.delivered(tenant.publish())


def test_the_story_of_a_delivery_is_told(tenant: Tenant, operator: Operator) -> None:
    hook = tenant.hook("/fail/1")
    delivery = hook.delivered(tenant.publish(), attempts=2)

    def told() -> str:
        story = operator(the("story"), dlv=delivery["id"])
        shown = operator(f"cat <<'EOF' | {the('lines')}\n{story}EOF\n") if story else ""
        return shown if shown.count("delivery.attempted") + shown.count("succeeded") >= 2 else ""

    assert "event" in eventually(told, "two attempts among the lines")


def test_a_long_text_of_a_table_is_read_by_its_line(tenant: Tenant, operator: Operator) -> None:
    tenant.hook()
    tenant.publish(id="order-17-paid", data={"long": "lorem ipsum " * 2_000})
    assert "lorem ipsum" in operator(the("compressed"))


def test_a_stages_secrets_are_renewed_and_all_that_is_left_of_it_is_deleted(
    operator: Operator, stack: Stack
) -> None:
    make_spare(stack)
    operator(the("root key"), the("signing key"), stage=SPARE)
    secrets = session().client("secretsmanager", endpoint_url=stack.aws_endpoint)
    renewed = secrets.get_secret_value(SecretId=f"hookline-{SPARE}-root-key")["SecretString"]
    assert len(renewed) == 48
    operator(the("delete"), stage=SPARE)
    tables = session().client("dynamodb", endpoint_url=stack.aws_endpoint).list_tables()
    assert not [name for name in tables["TableNames"] if name.startswith(f"hookline-{SPARE}")]


def make_spare(stack: Stack) -> None:
    """A table, two secrets and a key by the names that a stage gives them."""
    at = stack.aws_endpoint
    session().client("dynamodb", endpoint_url=at).create_table(
        TableName=f"hookline-{SPARE}-webhooks",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    secrets = session().client("secretsmanager", endpoint_url=at)
    for name in ("root-key", "signing-key"):
        secrets.create_secret(Name=f"hookline-{SPARE}-{name}", SecretString="as it was made")
    kms = session().client("kms", endpoint_url=at)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/hookline-{SPARE}", TargetKeyId=key)


def test_rolling_back_is_a_deploy_of_another_tag() -> None:
    line = the("roll back").strip()
    assert line.startswith("git checkout <tag before> && make deploy STAGE=")
    make = shutil.which("make")
    assert make is not None
    shown = subprocess.run(
        [make, "-n", *line.split("make ")[1].split()],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "sam deploy --config-env prod" in shown.stdout
