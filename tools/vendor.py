"""Renews the browser code that the console ships: single files out of pinned npm packages.

``functions/console/vendor.json`` names for each file its package, version, path in it, licence and
integrity (as in HTML: ``sha384-`` and base64). A file that does not have the integrity it is pinned
to is refused; ``--pin`` writes down the integrity of what was fetched instead.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tarfile
import tempfile
from hashlib import sha384
from pathlib import Path
from typing import Any

CONSOLE = Path(__file__).parents[1] / "functions" / "console"
PINS = CONSOLE / "vendor.json"
FILES = CONSOLE / "hookline_console" / "web" / "vendor"


def integrity(content: bytes) -> str:
    """As in an HTML integrity attribute."""
    return "sha384-" + base64.b64encode(sha384(content).digest()).decode()


def main() -> int:
    """Fetches every file. 1 when one is not what it is pinned to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pin", action="store_true", help="pin what is fetched")
    pin = parser.parse_args().pin
    pins: dict[str, dict[str, Any]] = json.loads(PINS.read_text())
    for name, pinned in pins.items():
        content = _fetched(pinned["package"], pinned["version"], pinned["path"])
        if pin:
            pinned["integrity"] = integrity(content)
        elif integrity(content) != pinned["integrity"]:
            print(f"{name}: {pinned['package']} {pinned['version']} is not what it was pinned to")
            return 1
        (FILES / name).write_bytes(content)
        print(f"{name}: {pinned['package']} {pinned['version']}, {len(content)} bytes")
    PINS.write_text(json.dumps(pins, indent=2) + "\n")
    return 0


def _fetched(package: str, version: str, path: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{package}@{version}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - npm by name
        (packed,) = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as archive:
            file = archive.extractfile(f"package/{path}")
            if file is None:
                raise FileNotFoundError(f"{package} {version} has no {path}")
            return file.read()


if __name__ == "__main__":
    sys.exit(main())
