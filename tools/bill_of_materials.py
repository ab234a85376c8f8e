"""What ships beside Hookline's own code: its licences, and a bill of materials.

Usage::

    python -m tools.bill_of_materials page   # docs/licences.md
    python -m tools.bill_of_materials sbom   # CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path
from typing import Any

from hookline import __version__

ROOT = Path(__file__).parent.parent
LOCKED = ROOT / "layers" / "dependencies" / "requirements.txt"
LOCKED_OF_THE_TOOL = ROOT / "requirements" / "cli.txt"
VENDORED = ROOT / "functions" / "console" / "vendor.json"

ALLOWED = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
)
"""Licences that let others ship the stack as they please, given their notices."""

_SPELT_OTHERWISE: Mapping[str, str] = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "Dual License": "BSD-3-Clause OR Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


@dataclass(frozen=True, slots=True)
class Component:
    """A package in the form in which it ships: ``purl`` names it for scanners.

    ``parts`` says with what: the ``stack``, the command line ``tool``.
    """

    name: str
    version: str
    licence: str
    purl: str
    parts: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether one of the licences to choose from is among those that may ship, or all are."""
        choices = re.split(r"\s+OR\s+", self.licence)
        return any(set(re.split(r"\s+AND\s+", choice)) <= ALLOWED for choice in choices)


def components() -> list[Component]:
    """All of them, by name; each once, however many parts have it."""
    found: dict[str, Component] = {}
    tool = _locked(LOCKED_OF_THE_TOOL, "tool")
    for each in (*_locked(LOCKED, "stack"), *_of_the_console(), *tool):
        before = found.get(each.purl)
        parts = (before.parts if before else ()) + each.parts
        found[each.purl] = replace(each, parts=parts)
    return sorted(found.values(), key=lambda each: each.name)


def _locked(requirements: Path, part: str) -> Iterator[Component]:
    pinned = re.findall(r"^([a-z0-9-]+)==([^\s;]+)", requirements.read_text(), re.MULTILINE)
    for name, version in pinned:
        purl = f"pkg:pypi/{name}@{version}"
        yield Component(name, version, licence_of(metadata(name)), purl, (part,))


def _of_the_console() -> Iterator[Component]:
    for file in json.loads(VENDORED.read_text()).values():
        name, version = file["package"], file["version"]
        purl = f"pkg:npm/{name}@{version}"
        yield Component(name, version, file["license"], purl, ("stack",))


def licence_of(package: PackageMetadata) -> str:
    """As an SPDX expression; packages say it in one of three fields."""
    told = package.get("License-Expression")
    if not told:
        classifiers = package.get_all("Classifier") or []
        named = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License")]
        told = next((each for each in named if each != "OSI Approved"), package.get("License", ""))
    return _SPELT_OTHERWISE.get(str(told), str(told))


def page() -> str:
    """docs/licences.md."""
    rows = "".join(
        f"| {each.name} | {each.version} | {each.licence} | {', '.join(each.parts)} |\n"
        for each in components()
    )
    return (
        "# What ships beside Hookline's own code\n\n"
        "Hookline is Apache-2.0 ([LICENSE](../LICENSE)). With the stack ship the packages\n"
        "below, in its dependencies layer and its console, each under its own licence (whose\n"
        "text is in the package as built). With the command line tool ships none: those of\n"
        "`tool` are installed beside it, and these are the versions that it is tested with.\n\n"
        f"| package | version | licence | with |\n|---|---|---|---|\n{rows}\n"
        "Rendered by `python -m tools.bill_of_materials page`; `make sbom` writes the same as a\n"
        "CycloneDX bill of materials. A test refuses licences that bind who deploys the stack or\n"
        "uses the tool.\n"
    )


def sbom() -> dict[str, Any]:
    """The bill of materials: without times and serial numbers, so that the same is the same."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "hookline", "version": __version__}
        },
        "components": [
            {
                "type": "library",
                "bom-ref": each.purl,
                "name": each.name,
                "version": each.version,
                "purl": each.purl,
                "licenses": [{"expression": each.licence}],
                "properties": [{"name": "hookline:with", "value": part} for part in each.parts],
            }
            for each in components()
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(page() if sys.argv[1:] == ["page"] else json.dumps(sbom(), indent=2) + "\n")
