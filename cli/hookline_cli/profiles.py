"""What `login` keeps: addresses and keys by profile, in one file that only its owner reads."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from base64 import b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hookline_cli.errors import CliError, Exit


@dataclass(frozen=True, slots=True)
class Profile:
    """A stack and who calls it."""

    api: str
    key: str
    tenant: str | None = None


class Profiles:
    """The file of profiles.

    Raises:
        CliError: it cannot be read, or others may read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, name: str) -> Profile | None:
        """The profile of a name."""
        found = self._read().get("profiles", {}).get(name)
        return None if found is None else Profile(**found)

    def put(self, name: str, profile: Profile) -> None:
        """Keeps a profile."""
        document = self._read()
        document.setdefault("profiles", {})[name] = asdict(profile)
        self._write(document)

    def remove(self, name: str) -> bool:
        """Forgets a profile; whether there was one."""
        document = self._read()
        found = document.get("profiles", {}).pop(name, None)
        self._write(document)
        return found is not None

    def listen_secret(self) -> str:
        """What `listen` signs with on this machine: made once, the same from then on."""
        document = self._read()
        if "listen_secret" not in document:
            document["listen_secret"] = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
            self._write(document)
        return str(document["listen_secret"])

    def _read(self) -> dict[str, Any]:
        try:
            with self.path.open(encoding="utf-8") as file:
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                    raise CliError(
                        "unsafe_file",
                        f"others may read {self.path}: chmod 600 it, and rotate its keys",
                        Exit.ACCESS,
                    )
                document: dict[str, Any] = json.load(file)
                return document
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as failure:
            raise CliError("unreadable_file", f"{self.path}: {failure}") from failure

    def _write(self, document: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes it 0600 from its first byte on; the rename leaves no half-written file.
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".profiles-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
        Path(name).replace(self.path)
