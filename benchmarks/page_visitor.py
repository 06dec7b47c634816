"""A program that uses a running page over HTTP only, as `curl` would, and checks the results."""

from __future__ import annotations

import io
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np

PATIENCE = 900.0
RATE = 25
BITS, BLOCK = 10, 8
"""Bits of the number that each portrait shows, and the side of a bit in pixels."""


class Refused(Exception):
    """The page refused a request; its message."""


@dataclass(frozen=True)
class VisitInputs:
    """A portrait and a voice on disk, the seconds of the voice, and the seed of the job."""

    portrait: Path
    voice: Path
    seconds: float
    seed: int


@dataclass
class PageVisitor:
    """One visitor: an owner's token, so that the page knows which jobs are from the same one.

    parameters: of `/preview`, as the page describes them.
    """

    address: str
    parameters: list[dict[str, Any]]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def __post_init__(self) -> None:
        self.web = httpx.Client(base_url=self.address, timeout=PATIENCE)

    def upload(self, path: Path) -> dict[str, Any]:
        """Upload a file. Returns its name for jobs. Raises Refused."""
        answer = self.web.post("/gradio_api/upload", files={"files": (path.name, path.read_bytes())})
        if answer.status_code != 200:
            raise Refused(answer.text)
        return {"path": answer.json()[0], "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def make(self, portrait: dict[str, Any], voice: dict[str, Any], seed: int) -> tuple[Any, dict[str, Any]]:
        """Make a video. Returns its name and its facts. Raises Refused."""
        given = {"portrait": portrait, "voice": voice, "consent": True, "seed": seed, "owner": self.token}
        names = [one["parameter_name"] for one in self.parameters]
        defaults = [one.get("parameter_default") for one in self.parameters]
        data = [given.get(name, default) for name, default in zip(names, defaults, strict=True)]
        asked = self.web.post("/gradio_api/call/preview", json={"data": data})
        if asked.status_code != 200:
            raise Refused(asked.text)
        last: Any = None
        with self.web.stream("GET", f"/gradio_api/call/preview/{asked.json()['event_id']}") as answer:
            for event, values in events(answer.iter_lines()):
                if event == "error":
                    raise Refused(str((values or {}).get("error")))
                if event == "generating" or event == "complete":
                    last = values if values and values[0] else last
                if event == "complete":
                    break
        if last is None:
            raise Refused("The page gave no video.")
        return last[0], last[1]

    def make_and_check(self, inputs: VisitInputs) -> list[str]:
        """Upload the files, make the video and download it. Returns what is wrong with it."""
        video, facts = self.make(self.upload(inputs.portrait), self.upload(inputs.voice), inputs.seed)
        content = self.web.get(video["url"]).raise_for_status().content
        with av.open(io.BytesIO(content)) as container:
            frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
        found = {
            "seed": facts["seed"] == inputs.seed,
            "length": len(frames) == round(inputs.seconds * RATE),
            "portrait": all(number_in(frame) == inputs.seed for frame in frames),
        }
        return [what for what, right in found.items() if not right]

    def timed(self, portrait: dict[str, Any], voice: dict[str, Any], seed: int) -> float:
        """Seconds to make a video from uploaded files."""
        began = time.monotonic()
        self.make(portrait, voice, seed)
        return time.monotonic() - began


def number_in(picture: np.ndarray) -> int:
    """The number that is drawn at the upper edge, as bits of black and white. picture: (H, W) uint8."""
    blocks = [picture[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] for bit in range(BITS)]
    return sum((block.mean() > 127) << bit for bit, block in enumerate(blocks))


def parameters_of(address: str) -> list[dict[str, Any]]:
    """The parameters of `/preview`, from the page's own description."""
    described = httpx.get(f"{address}/gradio_api/info", timeout=PATIENCE).raise_for_status().json()
    found: list[dict[str, Any]] = described["named_endpoints"]["/preview"]["parameters"]
    return found


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Server-sent events: their names and data."""
    name = ""
    for line in lines:
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            yield name, json.loads(line.removeprefix("data:"))
