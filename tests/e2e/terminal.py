"""Somebody at a terminal who answers what a program asks."""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE_SECONDS = 600
"""The longest silence: a deploy on a busy machine says nothing for minutes."""

_STYLES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_QUESTION = re.compile(r"\s*(?P<what>\S[^\[\]]*?)(?P<offered> \[[^\]]*\])?: ")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What was asked, in its order with what Enter would have taken, and all that was printed."""

    asked: list[tuple[str, str]]
    printed: str
    code: int

    @property
    def questions(self) -> list[str]:
        """What was asked alone."""
        return [what for what, _ in self.asked]


def answered(
    command: list[str], answers: Mapping[str, str], folder: Path, env: Mapping[str, str]
) -> Dialogue:
    """Runs a program at a terminal of its own. A question without an answer here gets Enter.

    Raises TimeoutError where it asks nothing and says nothing any more.
    """
    ours, its = os.openpty()
    asked: list[tuple[str, str]] = []
    printed = line = ""
    with subprocess.Popen(
        command, cwd=folder, env=env, stdin=its, stdout=its, stderr=its, start_new_session=True
    ) as process:
        os.close(its)
        try:
            while said := _read(ours):
                printed += said
                line = re.split(r"[\r\n]", _STYLES.sub("", line + said))[-1]
                question = _QUESTION.fullmatch(line)
                if question and (question["offered"] or question["what"] in answers):
                    asked.append((question["what"], (question["offered"] or "").strip(" []")))
                    os.write(ours, f"{answers.get(question['what'], '')}\n".encode())
                    line = ""
        finally:
            os.close(ours)
            process.terminate()
    return Dialogue(asked, _STYLES.sub("", printed), process.returncode)


def _read(terminal: int) -> str:
    """What it says next; nothing once it has ended."""
    ready, _, _ = select.select([terminal], [], [], PATIENCE_SECONDS)
    if not ready:
        raise TimeoutError
    with suppress(OSError):  # Linux answers EIO once the last of its users is gone
        return os.read(terminal, 65_536).decode(errors="replace")
    return ""
