"""`make run`: everything from nothing to a delivered webhook, then it stays up until Ctrl-C."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from local import deployment
from local.api import Api
from local.demo import TENANT, fill, show
from local.emulator import Emulator, require_free
from local.options import LocalError, Options
from local.progress import step
from local.proxy import Proxy
from local.receiver import Receiver


def main() -> int:
    """Starts, shows, waits. Returns the process's exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    started = time.monotonic()
    try:
        with (
            claimed(Options.from_env(os.environ)) as options,
            _stack(options) as (emulator, receiver, api, root_key),
        ):
            webhook_id = show(options, api, receiver) if options.demo else None
            console = fill(options, api) if options.demo else f"{options.api}/console"
            print(_how_to_go_on(options, root_key, webhook_id, console))
            print(
                f"Up after {time.monotonic() - started:.0f} s. Ctrl-C stops all of it.", flush=True
            )
            _wait_while_up(emulator)
    except LocalError as failure:
        print(f"\nFailed: {failure}\n\n{failure.hint}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
    return 0


@contextmanager
def claimed(options: Options) -> Iterator[Options]:
    """Takes the options' folder for this run; where another run has it, one beside by the port."""
    options.directory.mkdir(parents=True, exist_ok=True)
    with (options.directory / "in-use").open("w") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            beside = replace(options, directory=options.directory / f"port-{options.port}")
            beside.directory.mkdir(exist_ok=True)
            print(f"Another stack is up: this one's files are in {beside.directory}.", flush=True)
            yield beside
        else:
            yield options


@contextmanager
def _stack(options: Options) -> Iterator[tuple[Emulator, Receiver, Api, str]]:
    """Everything up and `stack.json` written; everything down and `stack.json` gone at its end."""
    require_free(options.port, "HOOKLINE_PORT", "the API")
    require_free(options.receiver_port, "HOOKLINE_RECEIVER_PORT", "the receiver")
    with ExitStack() as undo:
        emulator = Emulator(options)
        undo.callback(emulator.stop)
        with step("Starting the AWS emulator (MiniStack, IAM enforced)"):
            emulator.start()
        with deployment.turn():
            with step("Building layers and functions (sam build)"):
                deployment.build(options)
            with step("Deploying the stack (sam deploy)"):
                deployed = deployment.deploy(options)
        proxy = Proxy(options.port, options.aws_port, deployed.http_api_id)
        undo.callback(proxy.close)
        receiver = Receiver(options.receiver_port)
        undo.callback(receiver.close)
        with step(f"Waiting for the API at {options.api}"):
            api = Api(options.api, deployed.root_key)
            api.get("/v1/health")
        addresses = options.directory / "stack.json"
        undo.callback(addresses.unlink, missing_ok=True)
        write_addresses(options, deployed.root_key)
        yield emulator, receiver, api, deployed.root_key


def write_addresses(options: Options, root_key: str) -> None:
    """Writes stack.json in one step: who waits for the file never reads half of it."""
    text = json.dumps(
        {
            "api": options.api,
            "receiver": options.receiver,
            "root_key": root_key,
            "aws_endpoint": options.aws_endpoint,
        },
        indent=2,
    )
    half = options.directory / "stack.json.new"
    half.unlink(missing_ok=True)
    # The root key is in it: nobody else on this machine may read it, not even for a moment.
    with open(half, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(text + "\n")
    half.rename(options.directory / "stack.json")


def _how_to_go_on(options: Options, root_key: str, webhook_id: str | None, console: str) -> str:
    tenant = f"{options.api}/v1/tenants/{TENANT}"
    lines = [
        "Go on with",
        "",
        f"    console    {console}",
        f"    API        {options.api}   (to read and try: {options.api}/v1/docs)",
        f"    receiver   {options.receiver}   (what arrived)",
        f"    AWS        {options.aws_endpoint}   (access key and secret: test)",
        f"    root key   {root_key}",
        f"    as JSON    {options.directory / 'stack.json'}",
        "",
        f'    AUTH="Authorization: Bearer {root_key}"',
        f'    curl -H "$AUTH" {tenant}/webhooks',
    ]
    if webhook_id:
        lines.append(f'    curl -H "$AUTH" {tenant}/webhooks/{webhook_id}/deliveries')
    for path, body in (
        ("events", {"type": "order.paid", "data": {"total": 1}}),
        ("webhooks", {"name": "x", "url": f"{options.receiver}/fail/2", "events": ["order.*"]}),
    ):
        lines.append(f"    curl -H \"$AUTH\" {tenant}/{path} \\\n      -d '{json.dumps(body)}'")
    return "\n".join(lines) + "\n"


def _wait_while_up(emulator: Emulator) -> None:
    """Waits for Ctrl-C.

    Raises:
        LocalError: the emulator ended by itself.
    """
    while emulator.running():
        threading.Event().wait(1)
    raise LocalError("the AWS emulator ended", "Its last words are in .local/logs/emulator.log.")


if __name__ == "__main__":
    sys.exit(main())
