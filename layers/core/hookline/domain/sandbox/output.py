"""What a template of either language prints, within bounds."""

from __future__ import annotations

from hookline.domain.documents import strict_json
from hookline.domain.sandbox.escapes import ESCAPES, Syntax
from hookline.errors import HooklineError

MAX_OUTPUT_BYTES = 256 * 1024
"""UTF-8 bytes of a rendered template (product rule)."""

MAX_STEPS = 60_000
"""Nodes rendered and names looked at: some 50 ms."""


_CHARACTERS_PER_STEP = 64


class TemplateFailed(HooklineError):  # noqa: N818 - named for what happened, as all in our tree
    """The template cannot be rendered for this event; the message says why."""


class Output:
    """What is printed so far, and the steps and bytes left."""

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self.escape = ESCAPES[syntax]
        self._printed: list[str] = []
        self._bytes_left = MAX_OUTPUT_BYTES
        self._steps_left = MAX_STEPS
        self._missing: dict[str, None] = {}

    def text(self) -> str:
        """All of it."""
        return "".join(self._printed)

    def missing(self) -> tuple[str, ...]:
        """Names in the template that have no value."""
        return tuple(self._missing)

    def miss(self, name: str) -> None:
        """Notes such a name."""
        self._missing[name] = None

    def step(self) -> None:
        """Pays for one step. Raises TemplateFailed if none is left."""
        self._steps_left -= 1
        if self._steps_left < 0:
            raise TemplateFailed(f"The template takes more than {MAX_STEPS} steps")

    def pay_for(self, text: str) -> None:
        """Pays for making a text that is not printed."""
        self._steps_left -= len(text) // _CHARACTERS_PER_STEP
        self.step()

    def write(self, text: str, size: int | None = None) -> None:
        """Prints a text as it stands; ``size`` is in UTF-8 bytes, where it is known."""
        self._bytes_left -= len(text.encode()) if size is None else size
        if self._bytes_left < 0:
            raise TemplateFailed(f"The output is larger than {MAX_OUTPUT_BYTES} bytes")
        self._printed.append(text)

    def write_escaped(self, text: str) -> None:
        """Prints a text, escaped for the content type."""
        self.write(self.escape(text))

    def write_json(self, value: object) -> None:
        """Prints a value as JSON; only in JSON it needs no escape."""
        text = strict_json.dumps(value)
        if self._syntax is Syntax.JSON:
            self.write(text)
        else:
            self.write_escaped(text)
