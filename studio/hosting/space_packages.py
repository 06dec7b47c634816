"""Chooses the packages that a Hugging Face Space installs, by its hardware.

A Space first runs `pip install -r pre-requirements.txt` if that file exists, then `pip install -r
requirements.txt`. No other file of the repository is available at that time.
"""

from __future__ import annotations

import re
from pathlib import Path

NEW_SPACE = "cpu-basic"
"""The Hub's default for a new Space."""
PREVIEW = "requirements/preview.txt"
"""The packages of a Space that runs only the preview engine."""
PRE_REQUIREMENTS = "pre-requirements.txt"
_FIRST = ("onnxruntime", "numpy", "protobuf", "flatbuffers", "packaging")
"""onnxruntime and its dependencies."""


def packages_for(hardware: str, root: Path, *, neural: bool = False) -> dict[str, bytes | None]:
    """The requirement files of a Space, and their content if it differs from the repository's.

    insightface requires onnxruntime, so a Space installs it next to onnxruntime-gpu, and the one that pip
    writes last is imported. Within one run of pip, that is the build for CPUs. ZeroGPU needs that one: it
    forks a process for the GPU, and CUDA that was started before a fork cannot be used after it. On a Space
    with its own GPU, onnxruntime is installed in advance, so that the build for GPUs comes last.
    """
    if hardware.startswith("cpu-") and not neural:
        return {
            "requirements.txt": (root / PREVIEW)
            .read_bytes()
            .replace(b"--find-links wheels", b"--find-links requirements/wheels")
        }
    if hardware.startswith(("cpu-", "zero-")):
        return {}
    pins = re.findall(r"^([\w.-]+)(==[^\s;#]+)", (root / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    lines = [f"{name}{version}\n" for name, version in pins if name in _FIRST]
    return {PRE_REQUIREMENTS: "".join(lines).encode()}
