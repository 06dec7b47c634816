"""Writes the empty wheel that keeps OpenCV's build with windows out; README.md says why."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

OPENCV = "4.11.0.86"
NAME = f"opencv_contrib_python-{OPENCV}+headless"

FILES = {
    "METADATA": f"""Metadata-Version: 2.1
Name: opencv-contrib-python
Version: {OPENCV}+headless
Summary: Stands for opencv-contrib-python where the headless build is wanted
Requires-Dist: opencv-contrib-python-headless=={OPENCV}
""",
    "WHEEL": """Wheel-Version: 1.0
Generator: joystudio
Root-Is-Purelib: true
Tag: py3-none-any
""",
}


def build(folder: Path) -> Path:
    """Write the wheel into `folder` and give its path; the same bytes every time."""
    path = folder / f"{NAME}-py3-none-any.whl"
    inside = f"{NAME}.dist-info"
    record = "".join(f"{inside}/{name},sha256={_digest(text)},{len(text)}\n" for name, text in FILES.items())
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in (FILES | {"RECORD": f"{record}{inside}/RECORD,,\n"}).items():
            wheel.writestr(zipfile.ZipInfo(f"{inside}/{name}"), text)  # the date is always 1980
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


if __name__ == "__main__":
    print(build(Path(__file__).parent))
