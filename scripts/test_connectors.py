"""Tests the connectors, each in an environment of its own, against a JoyStudio server of this one.

python -m scripts.test_connectors [NAME ...]

The environments are made in .cache/connectors and kept; what they need is downloaded once.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "connectors"
ENVIRONMENTS = ROOT / ".cache" / "connectors"
NAMES = ("pipecat", "livekit")
ADDRESS = "JOYSTUDIO_TEST_ADDRESS"
TEST_PACKAGES = ("pytest==9.2.0", "pytest-timeout==2.4.0")
WITHOUT_THEIR_NEEDS = {"pipecat": ("pipecat-bithuman==0.2.0",)}
"""Packages that are tried with a portrait of ours; what they need is a paid engine in place of it."""


def environment(name: str) -> Path:
    """The Python of a connector's environment, which is made if its requirements have changed."""
    folder, requirements = ENVIRONMENTS / name, FOLDER / name / "requirements.txt"
    python, made = folder / "bin" / "python", folder / "made-for"
    needs = [*TEST_PACKAGES, *WITHOUT_THEIR_NEEDS.get(name, ())]
    wanted = hashlib.sha256(requirements.read_bytes() + " ".join(needs).encode()).hexdigest()
    if made.exists() and made.read_text() == wanted:
        return python
    print(f"Installing what the connector for {name} needs; this takes a minute or two.", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = (str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    subprocess.run([*pip, "-r", str(requirements), *TEST_PACKAGES], check=True)
    for package in WITHOUT_THEIR_NEEDS.get(name, ()):
        subprocess.run([*pip, "--no-deps", package], check=True)
    made.write_text(wanted)
    return python


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A JoyStudio server with a folder of its own; its address."""
    settings = {
        "TMPDIR": str(folder),
        "JOYSTUDIO_OUTPUTS": str(folder / "outputs"),
        "JOYSTUDIO_HISTORY": str(folder / "history.sqlite"),
        "JOYSTUDIO_PORT": "0",
        "JOYSTUDIO_LIVE_SESSIONS_PER_ADDRESS": "4",  # a place is free a little after its client has gone
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if found := re.search(r"http://[\d.]+:\d+", line):
                yield found.group()
                break
        else:
            raise SystemExit(f"The server did not start:\n{said}")
    finally:
        process.terminate()
        rest = process.stdout.read()
        process.wait()
        if "Traceback" in rest:
            print(rest)


def main(names: list[str]) -> int:
    """Test the connectors of these names, or all. Returns the exit status."""
    pythons = {name: environment(name) for name in names or NAMES}
    failed = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        for name, python in pythons.items():
            tests = [FOLDER / "client", FOLDER / name]
            for each in tests:
                print(f"\n{each.relative_to(ROOT)} in the environment of {name}", flush=True)
                done = subprocess.run(
                    [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=120"],
                    cwd=each,
                    env=os.environ | {ADDRESS: address},
                    check=False,
                )
                if done.returncode:
                    failed.append(f"{each.name} ({name})")
    print("\nFailed: " + ", ".join(failed) if failed else "\nAll connectors passed.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
