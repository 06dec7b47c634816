"""The example of docs/live-api.md runs against a page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.test_docs import BLOCK, DOCS, ROOT, text_of
from tests.ui.server.serving import serving


def test_the_example_drives_a_session(tmp_path: Path) -> None:
    blocks = [code for kind, code in BLOCK.findall(text_of(DOCS / "live-api.md")) if kind == "python"]
    assert len(blocks) == 1
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with serving() as url:
        address = url.replace("http", "ws", 1) + "live/v1"
        done = subprocess.run(
            [sys.executable, "-c", blocks[0], address],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "finished" in done.stdout
    assert done.stdout.endswith("50 frames\n"), done.stdout
    assert (tmp_path / "last.jpg").read_bytes().startswith(b"\xff\xd8")
