"""Manages the environment of Q-Align's own program, which needs old versions of torch and transformers.

The published model includes a program beside the weights, which is never run. This module installs the
authors' package at one commit with pip when the user asks for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from engines.weights.catalogue import WeightFolder
from evaluation.weights import catalogue
from media.errors import EngineError, WeightsMissing

COMMIT = "14dfdffb3b970c0727d48938b8f3741a65acbd6e"
PACKAGE = f"q_align @ https://github.com/Q-Future/Q-Align/archive/{COMMIT}.zip"
BESIDES = ("numpy<2", "setuptools<81")
"""Requirements of the package's old torch that it does not declare."""
NEWEST_PYTHON = (3, 11)
COMMAND = "python cli.py evaluate --install qalign"

Run = Callable[[list[str]], None]


def place(folder: WeightFolder) -> Path:
    """The environment's folder, beside the metrics' weights."""
    return folder.base / "qalign-environment"


def interpreter(folder: WeightFolder) -> Path:
    """The environment's Python. Raises WeightsMissing, with the command that creates it."""
    name = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
    path = place(folder) / name
    if not (place(folder) / "ready").is_file() or not path.is_file():
        raise WeightsMissing(
            "Q-Align runs in a separate environment (torch 2.0.1, 6 GB), which is not in {place}. Create it "
            "with: {command}",
            place=place(folder),
            command=COMMAND,
        )
    return path


def install(folder: WeightFolder, run: Run | None = None) -> Path:
    """Create the environment, or finish one that was begun.

    Returns its Python. run: runs a command; for tests. Raises EngineError if a step fails, or if there is no
    Python that is old enough.
    """
    run = run or _run
    target = place(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    run([_old_python(), "-m", "venv", str(target)])
    python = target / (Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python"))
    run([str(python), "-m", "pip", "install", *BESIDES, PACKAGE])
    (target / "ready").write_text(f"{COMMIT}\n", encoding="utf-8")
    return interpreter(folder)


def describe(folder: WeightFolder) -> str:
    """The scale, and the versions of model and program, for reports."""
    from evaluation.weights.shards import revision

    return (
        f"Q-Align's scorer form, 0..1; model {catalogue.ONE_ALIGN}, {revision(folder)}; program {COMMIT[:7]}"
    )


def _old_python() -> str:
    if sys.version_info[:2] <= NEWEST_PYTHON:
        return sys.executable
    for name in ("python3.11", "python3.10", "python3.9"):
        if found := shutil.which(name):
            return found
    raise EngineError(
        "Q-Align's torch 2.0.1 needs Python {newest} or older, and this is {major}.{minor}. Install "
        "python3.11 and run this again.",
        newest=".".join(map(str, NEWEST_PYTHON)),
        major=sys.version_info[0],
        minor=sys.version_info[1],
    )


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineError(
            "Q-Align's environment could not be created: {reason}.", reason=str(error).rstrip(".")
        ) from error
