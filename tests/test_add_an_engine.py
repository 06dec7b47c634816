"""docs/add-an-engine.md is followed word for word, in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("weights", "outputs")
"""What a fresh copy does not have at its top, besides everything whose name begins with a dot."""
TYPES_KNOWN = ".mypy_cache"
"""Kept all the same: mypy reads a file again if it has changed, and checks no other twice."""
END = "## As a package of its own"
TRANSLATE = "## Translate it"
CHECK = "## Check it"
STEP = re.compile(
    r"^(?:`(?P<path>[\w/.-]+)`\n\n)?```(?P<language>\w*)\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL
)


@pytest.mark.timeout(900)
def test_the_guide_is_enough(tmp_path: Path) -> None:
    """Everything that it says to write, change and run; the step that is left to a reviewer comes last."""
    project = tmp_path / "project"
    shutil.copytree(ROOT, project, ignore=fresh, symlinks=True)
    guide = (ROOT / "docs" / "add-an-engine.md").read_text(encoding="utf-8").partition(END)[0]
    build, translate, check = re.split(f"^(?:{TRANSLATE}|{CHECK})$", guide, flags=re.MULTILINE)

    follow(build, project)
    assert (project / "out.mp4").stat().st_size > 0
    untranslated = shell("python -m pytest -q tests/ui/test_chinese.py", project)
    assert re.search(r"^1 failed, \d+ passed", untranslated.stdout, re.MULTILINE), untranslated.stdout
    assert (
        "FAILED tests/ui/test_chinese.py::test_everything_about_a_shipped_engine[pulse]"
        in untranslated.stdout
    )

    follow(translate, project)
    follow(check, project)


def fresh(folder: str, names: list[str]) -> set[str]:
    """The names that are not copied."""
    top = Path(folder) == ROOT
    return {
        name
        for name in names
        if "-pytest-" in name  # modules whose assertions pytest has rewritten name the file they came from
        or (top and name != TYPES_KNOWN and (name in LEFT_OUT or name.startswith(".")))
    }


def follow(text: str, project: Path) -> None:
    """Write the files, make the changes and run the commands of a part of the guide, in their order."""
    for step in STEP.finditer(text):
        path, language, block = step["path"], step["language"], step["block"]
        if path:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(block, encoding="utf-8")
        elif language == "diff":
            change(block, project)
        else:
            done = shell(block, project)
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


def change(diff: str, project: Path) -> None:
    """Replace the lines of a diff, whose old lines stand in the file exactly once."""
    name, *hunks = re.split(r"^(?:--- (?=\S+\n)|@@\n)", diff, flags=re.MULTILINE)[1:]
    path, _, first = name.partition("\n")
    text = (project / path).read_text(encoding="utf-8")
    for hunk in (first, *hunks):
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        assert f"\n{text}".count(f"\n{old}") == 1, f"{path} does not have these lines once:\n{old}"
        text = text.replace(old, new)
    (project / path).write_text(text, encoding="utf-8")


def shell(commands: str, project: Path) -> subprocess.CompletedProcess[str]:
    """Run commands as in an activated environment; the first one that fails ends them."""
    tools = str(Path(sys.executable).parent)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "JOYSTUDIO_OUTPUTS": str(project / "outputs"),
    }
    return subprocess.run(
        ["bash", "-e", "-c", commands], cwd=project, env=environment, capture_output=True, text=True
    )
