"""`make guided`: few questions, in the template's own words, and answers that it takes."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.stack.parameters import refused
from tests.worlds.template import ROOT, template
from tools.guided import ASKED, guide, kept

PARAMETERS = template()["Parameters"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def guided(folder: Path, stage: str, *answers: str) -> tuple[str, dict[str, str]]:
    """What was printed, and the parameters that `sam deploy` finds."""
    with CliRunner().isolation("".join(f"{each}\n" for each in answers)) as (out, _, _):
        guide(stage, folder)
        printed = out.getvalue().decode()
    return printed, kept((folder / "samconfig.toml").read_text(), stage)


def test_each_question_is_the_templates_description(folder: Path) -> None:
    printed, _ = guided(folder, "dev", "", "", "", "")
    for name in ASKED:
        assert f"\n{PARAMETERS[name]['Description']}\n  {name} [" in printed
    assert printed.count("]: ") == len(ASKED)


def test_production_is_asked_for_an_address_until_one_is_given(folder: Path) -> None:
    printed, values = guided(folder, "prod", "", "none", "ops", "ops@example.com", "", "", "")
    assert "AlarmEmail: " in printed  # nothing in brackets: Enter alone asks again
    assert "an e-mail address, or nothing" in printed
    assert values["AlarmEmail"] == "ops@example.com"
    assert (values["DeletionProtection"], values["LogRetentionDays"]) == ("true", "90")
    assert refused(values) == []


def test_a_stage_of_which_nothing_is_written_yet_starts_from_the_templates_defaults(
    folder: Path,
) -> None:
    _, values = guided(folder, "eu-1", "none", "lean", "maybe", "false", "")
    assert values == {
        "Stage": "eu-1",
        "AlarmEmail": "",
        "Monitoring": "lean",
        "DeletionProtection": "false",
        "PermissionsBoundaryArn": "",
    }


def test_what_was_answered_stands_beside_what_others_have_and_is_offered_again(
    folder: Path,
) -> None:
    before = tomllib.loads((ROOT / "samconfig.toml").read_text())
    guided(folder, "eu-1", "ops@example.com", "", "true", "")
    printed, _ = guided(folder, "eu-1", "", "", "", "")
    assert "AlarmEmail [ops@example.com]: " in printed
    assert "DeletionProtection [true]: " in printed
    after = tomllib.loads((folder / "samconfig.toml").read_text())
    assert after.pop("eu-1")["global"]["parameters"]["stack_name"] == "hookline-eu-1"
    assert after == before
    guided(folder, "prod", "ops@example.com", "", "", "")
    changed = tomllib.loads((folder / "samconfig.toml").read_text())
    del changed["eu-1"]
    del changed["prod"]["deploy"]["parameters"]["parameter_overrides"]
    del before["prod"]["deploy"]["parameters"]["parameter_overrides"]
    assert changed == before


def test_what_is_empty_or_holds_a_blank_is_quoted_as_sam_takes_it(folder: Path) -> None:
    config = folder / "samconfig.toml"
    origins = "https://a.example, https://b.example"
    written = f"""["ConsoleFrameAncestors=\\"{origins}\\"", "OidcAudience=it's"]"""
    config.write_text(f"[mine.deploy.parameters]\nparameter_overrides = {written}\n")
    _, values = guided(folder, "mine", "", "", "", "")
    assert values["ConsoleFrameAncestors"] == origins
    deploy = tomllib.loads(config.read_text())["mine"]["deploy"]["parameters"]
    assert deploy["parameter_overrides"] == [
        "Stage=mine",
        f'ConsoleFrameAncestors="{origins}"',
        "OidcAudience=it's",
        'AlarmEmail=""',
        "Monitoring=full",
        "DeletionProtection=false",
        'PermissionsBoundaryArn=""',
    ]


def test_a_stage_that_sam_wrote_down_in_a_form_of_its_own_is_left_alone(folder: Path) -> None:
    config = folder / "samconfig.toml"
    config.write_text("[mine.deploy.parameters]\nparameter_overrides = []\n[mine.x]\ny = [1]\n")
    guided(folder, "mine", "", "", "", "")
    head = "[mine.deploy.parameters]\n"
    for theirs in ('parameter_overrides = "Stage=\\"mine\\""\n', "[mine.x]\ny = [1]\n"):
        config.write_text(head + theirs)
        with pytest.raises(click.UsageError, match="mine"):
            guided(folder, "mine", "", "", "", "")
        assert config.read_text() == head + theirs


def test_a_stage_that_the_template_refuses_is_refused_before_any_question(folder: Path) -> None:
    with pytest.raises(click.BadParameter, match="lower-case"):
        guided(folder, "Prod")


def test_the_target_builds_before_it_asks() -> None:
    make = shutil.which("make")
    assert make is not None
    lines = subprocess.run(
        [make, "--no-print-directory", "-n", "guided", "STAGE=prod"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert "sam build" in lines[-2]
    assert lines[-1].endswith("-m tools.guided prod")
