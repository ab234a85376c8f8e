"""One round of the deployed scheduler by a clock that is ahead: what nobody is done with by then.

A process of its own, in the function's environment, as a round sets up its process's logging.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.options import REGION
from tests.e2e.aws import lambda_of
from tests.e2e.stack import Stack

_ROOT = Path(__file__).parents[2]


def give_round_ahead(stack: Stack, ahead: timedelta) -> None:
    """Has the round done that the scheduler would give after so long."""
    function = lambda_of(stack).get_function_configuration(FunctionName="hookline-local-scheduler")
    environment = {
        **function["Environment"]["Variables"],
        "AWS_ENDPOINT_URL": stack.aws_endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PYTHONPATH": f"{_ROOT}:{_ROOT / 'layers' / 'core'}:{_ROOT / 'functions' / 'scheduler'}",
    }
    command = [sys.executable, "-m", "tests.e2e.round_ahead", str(ahead.total_seconds())]
    subprocess.run(command, env=environment, check=True)


def _main() -> None:
    from hookline_scheduler.settings import SchedulerSettings  # noqa: PLC0415 - as above
    from hookline_scheduler.wiring import build_scheduler  # noqa: PLC0415 - not for pytest

    ahead = timedelta(seconds=float(sys.argv[1]))
    settings = SchedulerSettings.from_env(os.environ)
    give_round = build_scheduler(settings, lambda: datetime.now(UTC) + ahead, os.urandom)
    if not give_round("ahead", lambda: timedelta(minutes=5)):
        sys.exit("a part of the round failed: see its log lines above")


if __name__ == "__main__":
    _main()
