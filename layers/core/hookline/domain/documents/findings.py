"""The rules that a document breaks, collected so that its sender hears of all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from hookline.errors import FieldError, Rejected


@dataclass(slots=True)
class Findings:
    """The broken rules found so far."""

    errors: list[FieldError] = field(default_factory=list)

    def add(self, path: str, message: str) -> None:
        """Notes one."""
        self.errors.append(FieldError(path, message))

    def touch(self, path: str) -> bool:
        """Whether anything at or below ``path`` is broken."""
        return any(e.field == path or e.field.startswith(f"{path}.") for e in self.errors)

    def settle(self) -> None:
        """Raises Rejected when there are any."""
        if self.errors:
            raise Rejected(self.errors)


def below(path: str, name: str | int) -> str:
    """The dotted path of what is called ``name`` within ``path`` ("" for the document itself)."""
    return f"{path}.{name}" if path else str(name)
