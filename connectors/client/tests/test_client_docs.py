"""The documented program for this client runs."""

from __future__ import annotations

import subprocess
import sys

from documented import program
from real_server import ROOT, server_address


def test_the_program_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", program("A Python program"), server_address()],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "connectors" / "client")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert " (512, 512, 3) " in done.stdout.splitlines()[-1]
