"""The pinned packages, and the empty wheels that keep one of each."""

from __future__ import annotations

import platform
import re
import runpy
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = runpy.run_path(str(ROOT / "scripts" / "build_wheels.py"))
LISTS = [ROOT / "requirements.txt", ROOT / "requirements" / "preview.txt"]


def pins_of(path: Path) -> dict[str, str]:
    """Package and marker to version."""
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    pairs = (line.partition("==")[::2] for line in lines if "==" in line.split(";")[0])
    return {
        name if ";" not in version else f"{name};{version.partition(';')[2]}": version.partition(";")[0]
        for name, version in pairs
    }


def test_the_empty_wheels_are_what_their_script_writes(tmp_path: Path) -> None:
    built = BUILD["build"](tmp_path)
    assert {path.name: path.read_bytes() for path in built} == {
        path.name: path.read_bytes() for path in (ROOT / "requirements" / "wheels").glob("*.whl")
    }


def test_requirements_and_wheels_name_the_same_versions() -> None:
    everything, preview = map(pins_of, LISTS)
    assert (
        everything["opencv-python"] == everything["opencv-contrib-python"] == preview["opencv-contrib-python"]
    )
    assert everything["opencv-contrib-python-headless"] == everything["opencv-python"] == BUILD["OPENCV"]
    gpu = 'onnxruntime-gpu; sys_platform == "linux" and platform_machine == "x86_64"'
    assert everything["onnxruntime"] == everything[gpu] == BUILD["ONNXRUNTIME"]


def test_the_preview_list_is_a_part_of_the_whole() -> None:
    everything, preview = map(pins_of, LISTS)
    assert preview.items() < everything.items()
    assert "torch" not in preview


@pytest.mark.parametrize(
    ("system", "taken"),
    [
        ("linux_x86_64", True),
        ("manylinux_2_28_aarch64", False),
        ("macosx_14_0_arm64", False),
        ("win_amd64", False),
    ],
)
def test_onnxruntime_is_empty_only_where_the_gpu_build_takes_its_place(
    system: str, taken: bool, tmp_path: Path
) -> None:
    version = BUILD["ONNXRUNTIME"]
    line = [
        sys.executable,
        "-m",
        "pip",
        "--isolated",
        "--disable-pip-version-check",
        "download",
        "--no-index",
    ]
    line += ["--no-deps", "--only-binary=:all:", "--platform", system, "--dest", str(tmp_path)]
    line += ["--find-links", str(ROOT / "requirements" / "wheels"), f"onnxruntime=={version}"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert (done.returncode == 0) is taken, done.stderr
    assert bool(list(tmp_path.glob(f"onnxruntime-{version}+gpu-*.whl"))) is taken


def test_one_package_alone_brings_onnxruntime() -> None:
    brought = [
        distribution.name
        for distribution in distributions()
        if any(file.name.startswith("onnxruntime_pybind11_state.") for file in distribution.files or ())
    ]
    gpu = sys.platform == "linux" and platform.machine() == "x86_64"
    assert brought == ["onnxruntime-gpu" if gpu else "onnxruntime"]


def test_the_build_for_gpus_is_the_one_that_is_imported() -> None:
    import onnxruntime

    offered = onnxruntime.get_available_providers()
    gpu = sys.platform == "linux" and platform.machine() == "x86_64"
    assert ("CUDAExecutionProvider" in offered) is gpu
    assert "CPUExecutionProvider" in offered


def test_the_page_about_spaces_names_the_same_version() -> None:
    page = (ROOT / "docs" / "deploy-a-space.md").read_text("utf-8")
    assert re.findall(r"onnxruntime==([\d.]+)", page) == [BUILD["ONNXRUNTIME"]]


def test_only_one_opencv_is_installed() -> None:
    import cv2

    assert "QT:" not in cv2.getBuildInformation()
