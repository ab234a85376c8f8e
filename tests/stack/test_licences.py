"""What ships may ship, and the page and the bill of materials say all of it."""

from __future__ import annotations

import json
import re
import tomllib

from hookline import __version__
from tests.worlds.template import ROOT
from tools.bill_of_materials import LOCKED, LOCKED_OF_THE_TOOL, Component, components, page, sbom


def test_every_licence_lets_others_ship_the_stack_as_they_please() -> None:
    assert [each for each in components() if not each.allowed] == []


def test_a_licence_that_binds_who_ships_it_is_refused() -> None:
    def component(licence: str) -> Component:
        return Component("x", "1", licence, "pkg:pypi/x@1", ("stack",))

    assert component("GPL-3.0-only OR MIT").allowed
    assert component("MIT AND BSD-3-Clause").allowed
    for licence in ("GPL-3.0-only", "MIT AND AGPL-3.0-only", "", "Proprietary"):
        assert not component(licence).allowed


def test_the_page_is_rendered_from_what_is_locked() -> None:
    written = (ROOT / "docs" / "licences.md").read_text()
    assert written == page(), "run: python -m tools.bill_of_materials page > docs/licences.md"


def test_the_bill_of_materials_names_each_locked_package_once_and_what_it_ships_with() -> None:
    told = sbom()["components"]
    assert len({each["purl"] for each in told}) == len(told)
    for part, locked in (("stack", LOCKED), ("tool", LOCKED_OF_THE_TOOL)):
        pinned = re.findall(r"^([a-z0-9-]+==[^\s;]+)", locked.read_text(), re.MULTILINE)
        ours = {"name": "hookline:with", "value": part}
        have = {f"{each['name']}=={each['version']}" for each in told if ours in each["properties"]}
        assert pinned
        assert set(pinned) <= have
    assert sbom()["metadata"]["component"]["version"] == __version__


def test_the_tool_asks_for_what_is_locked_for_it() -> None:
    """What its package names is what the lock file, and so the page, was made from."""
    project = tomllib.loads((ROOT / "cli" / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[<>=]", each)[0] for each in project["dependencies"]}
    assert wanted == set((ROOT / "requirements" / "cli.in").read_text().split("\n")[1:-1])


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["dynamic"] == ["version"]
    # A package of its own, which says it in the words of PEP 440.
    tool = tomllib.loads((ROOT / "cli" / "pyproject.toml").read_text())["project"]
    assert tool["version"] == re.sub(r"-rc\.", "rc", __version__)
    collection = json.loads((ROOT / "docs" / "hookline.postman_collection.json").read_text())
    assert collection["info"].get("version", __version__) == __version__
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text()
