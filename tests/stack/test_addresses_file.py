"""`.local/stack.json`, which holds the root key."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from local.options import Options
from local.run import write_addresses


def test_only_its_owner_may_read_the_root_key(tmp_path: Path) -> None:
    options = Options.from_env({"HOOKLINE_LOCAL_DIR": str(tmp_path)})
    (tmp_path / "stack.json.new").write_text("left behind by a run that was killed")
    before = os.umask(0)
    try:
        write_addresses(options, "hl_root_x")
    finally:
        os.umask(before)
    written = tmp_path / "stack.json"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert json.loads(written.read_text())["root_key"] == "hl_root_x"
    assert [each.name for each in tmp_path.iterdir()] == ["stack.json"]
