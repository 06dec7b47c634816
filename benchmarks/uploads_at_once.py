"""Measures how much memory a rush of large images takes: python -m benchmarks.uploads_at_once

`python app.py` runs in a process of its own. A hundred visitors upload a large valid picture each at the same
moment, and the page looks at all of them, as it does when a browser has uploaded one. The figure is the peak
of the memory of the server and all its processes together (proportional set size, so that pages that they
share count once), sampled from the start.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from benchmarks.figures import ROOT, Figure, report_from_a_folder

AT_ONCE = 100
SIDES = (8000, 6240)
"""Width and height of the large pictures: 49.9 million pixels."""
BEYOND = (8900, 8900)
"""79 million pixels, which are refused."""
PATIENCE = 600.0
MOST_MB = 1000.0


@dataclass
class Rush:
    """The result.

    answers: the page's answer to each image. slowest: seconds that one of the visitors waited. The memory
    afterwards holds a new session of Gradio's for each visitor.
    """

    before_mb: float
    peak_mb: float
    after_mb: float
    slowest: float
    answers: list[str] = field(default_factory=list)


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, int]]:
    """Run `python app.py`; gives its address and process number."""
    places = {"TMPDIR": folder / "tmp", "JOYSTUDIO_OUTPUTS": folder / "outputs", "JOYSTUDIO_PORT": 0}
    (folder / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-u", "app.py"],
        cwd=ROOT,
        env=os.environ | {name: str(value) for name, value in places.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if found := re.search(r"http://[\d.]+:\d+", line):
                threading.Thread(target=process.stdout.read, daemon=True).start()  # never let it fill up
                yield found.group(), process.pid
                return
        raise RuntimeError(f"The page did not start:\n{said}")
    finally:
        process.terminate()
        process.wait()


def memory_mb(pid: int) -> float:
    """Megabytes of a process and all below it; pages that they share count once. Linux only."""
    return sum(map(_own_memory, family(pid)))


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
            parents.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def _own_memory(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has just ended
        return 0.0
    known = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
    return int(known[1]) / 1000 if known else 0.0


def rush(address: str, pid: int, pictures: list[Path], at_once: int = AT_ONCE) -> Rush:
    """Upload the pictures in turn, `at_once` of them at the same moment, and have the page look at each.

    address, pid: of a page that runs. Raises httpx.HTTPError when it answers with anything but a view.
    """
    look = _view_of_a_portrait(address)
    view = _Visitor(address, look, threading.Barrier(at_once))
    view.visit(pictures[0], alone=True)  # the detector is loaded
    before = memory_mb(pid)
    over, peak = threading.Event(), [before]

    def watch() -> None:
        while not over.wait(0.02):
            peak.append(max(peak.pop(), memory_mb(pid)))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        chosen = [pictures[number % len(pictures)] for number in range(at_once)]
        with ThreadPoolExecutor(at_once) as visitors:
            seen = list(visitors.map(view.visit, chosen))
    finally:
        over.set()
        watching.join()
    return Rush(
        before, peak[0], memory_mb(pid), max(seconds for _, seconds in seen), [text for text, _ in seen]
    )


def _view_of_a_portrait(address: str) -> dict[str, Any]:
    """The page's event that looks at a portrait, from its configuration."""
    config = httpx.get(f"{address}/config").raise_for_status().json()
    names = {one["id"]: one["props"].get("elem_id") for one in config["components"]}
    for event in config["dependencies"]:
        targets = [(names.get(part), what) for part, what in event["targets"]]
        if ("page-portrait", "change") in targets and not event["js"]:
            values = {one["id"]: one["props"].get("value") for one in config["components"]}
            if len(event["outputs"]) == 6:
                return {"id": event["id"], "values": [values.get(part) for part in event["inputs"]]}
    raise LookupError("The page has no view of a portrait.")


@dataclass
class _Visitor:
    address: str
    look: dict[str, Any]
    gate: threading.Barrier

    def visit(self, picture: Path, alone: bool = False) -> tuple[str, float]:
        """The page's answer to an image, and the seconds that it took."""
        with httpx.Client(base_url=self.address, timeout=PATIENCE) as client:
            if not alone:
                self.gate.wait()
            began = time.monotonic()
            name = f"{secrets.token_hex(4)}-{picture.name}"
            files = {"files": (name, picture.read_bytes())}
            (path,) = client.post("/gradio_api/upload", files=files).raise_for_status().json()
            portrait = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
            asked = {
                "data": [portrait, *self.look["values"][1:]],
                "fn_index": self.look["id"],
                "session_hash": secrets.token_hex(8),
            }
            answered = client.post("/gradio_api/run/predict", json=asked).raise_for_status().json()
            return str(answered["data"][2]), time.monotonic() - began


def large_pictures(folder: Path) -> list[Path]:
    """Valid pictures that are small as files and large as pixels, of several kinds; the last is refused."""
    ramp = Image.linear_gradient("L")
    colours = Image.merge("RGB", (ramp, ramp.rotate(90), ramp.rotate(180))).resize(SIDES)
    clear = colours.copy()
    clear.putalpha(ramp.resize(SIDES))
    paths = []
    for name, image, how in (
        ("colours.png", colours, {"compress_level": 1}),
        ("clear.png", clear, {"compress_level": 1}),
        ("palette.png", colours.quantize(64), {"compress_level": 1}),
        ("progressive.jpg", colours, {"progressive": True, "subsampling": 0}),
        ("large.tif", colours, {"compression": "tiff_deflate"}),
        ("large.webp", colours, {"quality": 50, "method": 0}),
        ("large.avif", colours, {"quality": 40, "speed": 10}),
        ("beyond.png", Image.new("1", BEYOND), {}),
    ):
        paths.append(folder / name)
        image.save(paths[-1], **how)
    return paths


def figures(folder: Path) -> Iterator[Figure]:
    """Measure, one figure after the other."""
    pictures = large_pictures(folder)
    with server(folder) as (address, pid):
        came = rush(address, pid, pictures)
    refused = sum("million pixels" in text for text in came.answers)
    yield Figure("memory of the page before, with its detector loaded", came.before_mb, "MB")
    yield Figure(f"peak with {AT_ONCE} large pictures at once", came.peak_mb, "MB", MOST_MB, at_least=False)
    yield Figure("  afterwards", came.after_mb, "MB")
    yield Figure("  the slowest answer", came.slowest, "s")
    yield Figure("  refused as too large", refused, "", AT_ONCE // len(pictures))
    yield Figure("  answered in all", len(came.answers), "", AT_ONCE)


if __name__ == "__main__":
    sys.exit(report_from_a_folder(__doc__ or "", figures))
