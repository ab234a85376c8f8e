"""Removes from an installed dependency tree what Lambda never reads.

Usage: ``python trim.py DIRECTORY``. Botocore describes every AWS service in 28 of its 31 MB; a
function that opens a client reads one service's folder and a few shared files. One of those names
the endpoints of all services, and each model carries its documentation: both are parsed at every
cold start.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SERVICES = frozenset(
    {"cloudwatch", "dynamodb", "kms", "lambda", "s3", "secretsmanager", "sqs", "sts"}
)
"""The services our adapters open clients for, and `sts`, through which credentials may come."""

ENDPOINTS = SERVICES | {"monitoring"}
"""How their endpoints are named: CloudWatch's by another name."""

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
    shorten(root / "botocore" / "data")
    for pattern in UNREAD:
        for path in list(root.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    print(f"Trimmed {before / 1e6:.0f} MB of dependencies to {size(root) / 1e6:.0f} MB")


def shorten(data: Path) -> None:
    """Leaves the endpoints of our services, and their models without words for people."""
    path = data / "endpoints.json"
    endpoints = json.loads(path.read_bytes())
    for partition in endpoints["partitions"]:
        services = partition["services"].items()
        partition["services"] = {name: each for name, each in services if name in ENDPOINTS}
    path.write_text(json.dumps(endpoints))
    for model in data.glob("*/*/service-2.json.gz"):
        wordless = json.loads(gzip.decompress(model.read_bytes()), object_hook=_without_words)
        model.write_bytes(gzip.compress(json.dumps(wordless).encode(), mtime=0))


def _without_words(value: Mapping[str, Any]) -> dict[str, Any]:
    # Emptied and not taken out: botocore reads some of them. A member of that name is an object.
    return {
        name: "" if name == "documentation" and isinstance(each, str) else each
        for name, each in value.items()
    }


def size(root: Path) -> int:
    """Bytes in the files under `root`."""
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
