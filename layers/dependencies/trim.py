"""Removes from an installed dependency tree what Lambda never reads.

Usage: ``python trim.py DIRECTORY``. Botocore describes every AWS service in 28 of its 31 MB; a
function that opens a client reads one service's folder and a few shared files.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

SERVICES = frozenset(
    {"cloudwatch", "dynamodb", "kms", "lambda", "s3", "secretsmanager", "sqs", "sts"}
)
"""The services our adapters open clients for, and `sts`, through which credentials may come."""

UNREAD = ("bin", "**/tests", "**/test", "**/*.pyi", "**/py.typed", "**/*.dist-info/RECORD",
          "boto3/examples", "**/*.dist-info/licenses")  # fmt: skip
"""Globs of what is read by installers and type checkers only."""


def main(root: Path) -> None:
    """Trims the tree under `root` and says by how much."""
    before = size(root)
    for data in (root / "botocore" / "data", root / "boto3" / "data"):
        for service in data.iterdir():
            if service.is_dir() and service.name not in SERVICES:
                shutil.rmtree(service)
    for pattern in UNREAD:
        for path in list(root.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    print(f"Trimmed {before / 1e6:.0f} MB of dependencies to {size(root) / 1e6:.0f} MB")


def size(root: Path) -> int:
    """Bytes in the files under `root`."""
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
