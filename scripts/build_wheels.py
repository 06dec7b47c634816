"""Writes the empty wheels that keep doubled packages out; requirements/wheels/README.md says why."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

OPENCV = "4.11.0.86"
ONNXRUNTIME = "1.31.1"


@dataclass(frozen=True)
class StandIn:
    """An empty wheel: the package it answers for, and the one that it asks for in its place.

    tag: the wheel's platform tag; pip takes it nowhere else.
    """

    name: str
    version: str
    instead: str
    tag: str = "py3-none-any"

    @property
    def stem(self) -> str:
        """The file's name before its tag."""
        return f"{self.name.replace('-', '_')}-{self.version}"

    def files(self) -> dict[str, str]:
        """The metadata, which is all there is."""
        return {
            "METADATA": f"""Metadata-Version: 2.1
Name: {self.name}
Version: {self.version}
Summary: Stands for {self.name} where {self.instead.split("==")[0]} is wanted
Requires-Dist: {self.instead}
""",
            "WHEEL": f"""Wheel-Version: 1.0
Generator: joystudio
Root-Is-Purelib: true
Tag: {self.tag}
""",
        }


_HEADLESS = f"opencv-contrib-python-headless=={OPENCV}"
STAND_INS = (
    StandIn("opencv-contrib-python", f"{OPENCV}+headless", _HEADLESS),
    StandIn("opencv-python", f"{OPENCV}+headless", _HEADLESS),
    StandIn(
        "onnxruntime", f"{ONNXRUNTIME}+gpu", f"onnxruntime-gpu=={ONNXRUNTIME}", tag="py3-none-linux_x86_64"
    ),
)


def build(folder: Path) -> list[Path]:
    """Write the wheels into `folder` and give their paths; the same bytes every time."""
    return [_write(stand_in, folder) for stand_in in STAND_INS]


def _write(stand_in: StandIn, folder: Path) -> Path:
    path = folder / f"{stand_in.stem}-{stand_in.tag}.whl"
    inside = f"{stand_in.stem}.dist-info"
    files = stand_in.files()
    record = "".join(f"{inside}/{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in (files | {"RECORD": f"{record}{inside}/RECORD,,\n"}).items():
            wheel.writestr(zipfile.ZipInfo(f"{inside}/{name}"), text)  # the date is always 1980
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


if __name__ == "__main__":
    for built in build(Path(__file__).resolve().parent.parent / "requirements" / "wheels"):
        print(built)
