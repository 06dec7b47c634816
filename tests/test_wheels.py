from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_empty_wheel_is_what_its_script_writes(tmp_path: Path) -> None:
    built = runpy.run_path(str(ROOT / "wheels" / "build.py"))["build"](tmp_path)
    assert (ROOT / "wheels" / built.name).read_bytes() == built.read_bytes()


def test_requirements_and_wheel_name_the_same_opencv() -> None:
    version = runpy.run_path(str(ROOT / "wheels" / "build.py"))["OPENCV"]
    requirements = (ROOT / "requirements.txt").read_text()
    assert f"opencv-contrib-python-headless=={version} " in requirements
    assert f"opencv-contrib-python=={version} " in requirements
    assert "--find-links wheels" in requirements


def test_only_one_opencv_is_installed() -> None:
    import cv2

    assert "QT:" not in cv2.getBuildInformation()
