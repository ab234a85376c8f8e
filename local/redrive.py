"""Moves messages from a dead-letter queue to another queue, as the console's redrive does.

SQS's own StartMessageMoveTask is missing in the emulator. Usage, while the stack is up::

    .local/venvs/local/bin/python -m local.redrive dead-letters deliveries
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from local.aws import session
from local.options import ROOT

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def redrive(sqs: SQSClient, source: str, target: str, prefix: str = "hookline-local-") -> int:
    """Moves what queue `source` holds now to queue `target`, bodies untouched.

    What comes back to `source` meanwhile, having failed again, stays there.

    Returns:
        How many were moved.
    """
    source_url = sqs.get_queue_url(QueueName=prefix + source)["QueueUrl"]
    target_url = sqs.get_queue_url(QueueName=prefix + target)["QueueUrl"]
    counted = sqs.get_queue_attributes(
        QueueUrl=source_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    left = int(counted["Attributes"]["ApproximateNumberOfMessages"])
    moved = 0
    while left > moved:
        messages = sqs.receive_message(
            QueueUrl=source_url,
            MaxNumberOfMessages=min(10, left - moved),
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["MessageGroupId"],
        ).get("Messages")
        if not messages:
            break
        for message in messages:
            # Of our queues only `deliveries` is a fair one, and there every message has its group.
            sqs.send_message(
                QueueUrl=target_url,
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
                MessageGroupId=message.get("Attributes", {}).get("MessageGroupId", "redriven"),
            )
            # Only now: a crash in between moves a message twice, never not at all.
            sqs.delete_message(QueueUrl=source_url, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def main() -> None:
    """Reads the command line and `.local/stack.json`."""
    parser = argparse.ArgumentParser(prog="local.redrive", description=__doc__)
    parser.add_argument("source", help="queue to empty, without hookline-local-: dead-letters")
    parser.add_argument("target", help="queue to fill, without hookline-local-: deliveries")
    parser.add_argument("--stack", type=Path, default=ROOT / ".local" / "stack.json")
    asked = parser.parse_args()
    endpoint = json.loads(asked.stack.read_text())["aws_endpoint"]
    sqs = session().client("sqs", endpoint_url=endpoint)
    print(f"moved {redrive(sqs, asked.source, asked.target)} messages")


if __name__ == "__main__":
    main()
