"""Which packages a Hugging Face Space installs, by its hardware.

A Space first runs `pip install -r pre-requirements.txt` where there is such a file, then
`pip install -r requirements.txt`, and has no other file of the repository while it does.
"""

from __future__ import annotations

import re
from pathlib import Path

NEW_SPACE = "cpu-basic"
"""What the Hub gives a new Space."""
PREVIEW = "requirements/preview.txt"
"""What is installed where only the preview engine runs."""
PRE_REQUIREMENTS = "pre-requirements.txt"
_FIRST = ("onnxruntime", "numpy", "protobuf", "flatbuffers", "packaging")
"""onnxruntime and what it needs."""


def packages_for(hardware: str, root: Path, *, neural: bool = False) -> dict[str, bytes | None]:
    """The lists that a Space gets, and their content where it differs from the repository's.

    insightface asks for onnxruntime, so a Space installs that beside onnxruntime-gpu, and the one that pip
    writes last is the one that runs. Within one run of pip it is the build for CPUs. ZeroGPU needs that
    one: it forks a process for the GPU, and CUDA that was started before a fork cannot be used after it. On a
    Space with a GPU of its own, onnxruntime is installed beforehand, so that the build for GPUs comes last.
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
