"""Measures the page under the load of a crowd: python -m benchmarks.load [--short]

`python app.py` runs in a process of its own, on this machine only, and visited over HTTP: by 40 programs at
once, twice; by 100 uploads at once; by one that floods the line beside one that does not; by 200 jobs whose
results are all checked; by 1,600 sessions that ask for nothing that can be made. Memory is that of the server
and all its processes (proportional set size). The bound on new sessions of an address is lifted, so that all
of them count.
"""

from __future__ import annotations

import os
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from benchmarks.figures import EXAMPLES, Figure, parser, report
from benchmarks.page_visitor import BITS, BLOCK, RATE, PageVisitor, Refused, VisitInputs, parameters_of
from benchmarks.speed import make_voice
from benchmarks.uploads_at_once import memory_mb, server

LIFTED = {"JOYSTUDIO_SESSIONS_PER_MINUTE": "10000"}
MINUTE = 60.0
SETTLED = 6
"""Seconds in which memory changes by a megabyte at most."""
ROUNDS = 4
FLOODING = 8
"""Threads of the visitor who floods."""


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    clients: int
    uploads: int
    jobs: int
    sessions: int
    polite: int


FULL, SHORT = Size(40, 100, 200, 1600, 9), Size(6, 20, 12, 200, 3)


@dataclass
class Crowd:
    """A running page and its visitors.

    refused: the page's messages to the visitors that it refused.
    """

    address: str
    pid: int
    folder: Path
    size: Size
    refused: list[str] = field(default_factory=list)
    peak: float = 0.0

    def __post_init__(self) -> None:
        self.parameters = parameters_of(self.address)
        self._seed = 0

    def visitor(self) -> PageVisitor:
        """Another visitor."""
        return PageVisitor(self.address, self.parameters)

    def inputs(self) -> VisitInputs:
        """A unique portrait, a voice of a different length, and a different seed."""
        self._seed += 1
        seed = self._seed
        portrait = self.folder / f"{seed}.png"
        with Image.open(EXAMPLES / "portraits" / "astronaut.png") as image:
            face = np.array(image.convert("RGB").crop((110, 0, 350, 240)).resize((128, 128)))
        for bit in range(BITS):  # which survive the encoder
            face[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255 * (seed >> bit & 1)
        Image.fromarray(face).save(portrait)
        seconds = (15 + seed % 20) / RATE
        return VisitInputs(portrait, make_voice(seconds, self.folder / f"{seed}.wav"), seconds, seed)

    def memory(self) -> float:
        """Megabytes after they have settled: freed memory is returned slowly, up to 80 MB of it."""
        last = [memory_mb(self.pid)]
        while len(last) < SETTLED or max(last[-SETTLED:]) - min(last[-SETTLED:]) > 1:
            time.sleep(1)
            last.append(memory_mb(self.pid))
        return last[-1]

    def watch(self, over: threading.Event) -> None:
        """Note the peak until it is over."""
        while not over.wait(0.1):
            self.peak = max(self.peak, memory_mb(self.pid))


def checked_jobs(crowd: Crowd, clients: int, each: int) -> int:
    """Let `clients` visitors come at once, each with jobs one after the other. Returns the number of wrong
    results.
    """
    work = [(crowd.visitor(), [crowd.inputs() for _ in range(each)]) for _ in range(clients)]

    def visit(one: tuple[PageVisitor, list[VisitInputs]]) -> int:
        visitor, all_inputs = one
        wrong = 0
        for inputs in all_inputs:
            try:
                wrong += bool(visitor.make_and_check(inputs))
            except (Refused, httpx.HTTPError) as error:
                crowd.refused.append(str(error))
                wrong += 1
        return wrong

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(visit, work))


def politeness(crowd: Crowd) -> float:
    """How much longer a visitor waits beside one who floods the line than alone; medians."""
    polite, flooding, inputs = crowd.visitor(), crowd.visitor(), crowd.inputs()
    files = [(one.upload(inputs.portrait), one.upload(inputs.voice)) for one in (polite, flooding)]
    alone = statistics.median(polite.timed(*files[0], seed) for seed in range(crowd.size.polite))
    over = threading.Event()

    def flood(number: int) -> None:
        visitor = PageVisitor(crowd.address, crowd.parameters, flooding.token)
        while not over.is_set():
            try:
                visitor.make(*files[1], number)
            except (Refused, httpx.HTTPError) as error:
                crowd.refused.append(str(error))
                over.wait(0.5)

    threads = [threading.Thread(target=flood, args=(number,)) for number in range(FLOODING)]
    for thread in threads:
        thread.start()
    polite.timed(*files[0], 0)  # until the flood is there
    beside = statistics.median(polite.timed(*files[0], seed) for seed in range(crowd.size.polite))
    over.set()
    for thread in threads:
        thread.join()
    return beside / alone


def uploads(crowd: Crowd) -> int:
    """Send uploads of a megabyte at once. Returns the number that failed."""
    gate = threading.Barrier(crowd.size.uploads)

    def send(number: int) -> bool:
        path = crowd.folder / f"upload{number}.bin"
        path.write_bytes(secrets.token_bytes(1_000_000))
        visitor = crowd.visitor()
        gate.wait()
        try:
            visitor.upload(path)
        except (Refused, httpx.HTTPError) as error:
            crowd.refused.append(str(error))
            return True
        return False

    with ThreadPoolExecutor(crowd.size.uploads) as pool:
        return sum(pool.map(send, range(crowd.size.uploads)))


def sessions(crowd: Crowd) -> None:
    """Ask for a video without anything that it could be made of, each time in a new session."""
    data: list[Any] = [None] * len(crowd.parameters)
    with httpx.Client(base_url=crowd.address, timeout=MINUTE) as web:

        def ask(_: int) -> None:
            asked = {"data": data, "session_hash": secrets.token_hex(8)}
            web.post("/gradio_api/call/preview", json=asked).raise_for_status()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ask, range(crowd.size.sessions)))


def figures(folder: Path, size: Size) -> Iterator[Figure]:
    """Measure, one figure after the other."""
    os.environ |= LIFTED
    with server(folder) as (address, pid):
        crowd, over = Crowd(address, pid, folder, size), threading.Event()
        watching = threading.Thread(target=crowd.watch, args=(over,))
        watching.start()
        try:
            yield from _figures(crowd)
        finally:
            over.set()
            watching.join()
        yield Figure("memory of the server at its peak", crowd.peak, "MB", 1000, at_least=False)


def _figures(crowd: Crowd) -> Iterator[Figure]:
    size = crowd.size
    wrong = checked_jobs(crowd, 2, 1)
    started = crowd.memory()
    yield Figure("memory after the first two videos", started, "MB")
    for turn in ("at once", "again"):
        began = time.monotonic()
        wrong += checked_jobs(crowd, size.clients, 1)
        yield Figure(f"{size.clients} visitors {turn}, until all are served", time.monotonic() - began, "s")
    yield Figure(f"{size.uploads} uploads at once that failed", uploads(crowd), "", 0, at_least=False)
    early = crowd.memory()
    wrong += checked_jobs(crowd, size.clients, size.jobs // size.clients)
    done = size.jobs // size.clients * size.clients
    yield Figure(
        f"videos that were mixed up or failed, of {done + 2 * size.clients + 2}", wrong, "", 0, at_least=False
    )
    yield Figure(
        f"memory after {done} jobs, against before", crowd.memory() - early, "MB", 60, at_least=False
    )
    unexpected = len(crowd.refused)
    yield Figure("who was refused without a flood", unexpected, "", 0, at_least=False)
    yield Figure("wait beside a flood, against alone", politeness(crowd), "x", 2, at_least=False)
    flooded = crowd.refused[unexpected:]
    yield Figure("jobs of the flood that were refused", len(flooded))
    silent = sum("the limit for one visitor" not in said for said in flooded)
    yield Figure("of them, without the sentence that says why", silent, "", 0, at_least=False)
    before = crowd.memory()
    sessions(crowd)
    first = crowd.memory()
    yield Figure("memory of a session", 1000 * (first - before) / size.sessions, "kB", 50, at_least=False)
    for _ in range(ROUNDS):
        time.sleep(MINUTE)  # in which they end
        sessions(crowd)
    again = 1000 * (crowd.memory() - first) / size.sessions / ROUNDS
    yield Figure("growth of a session once earlier ones have ended", again, "kB", 10, at_least=False)


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--short", action="store_true", help="a small crowd, in about two minutes")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return report(figures(Path(folder), SHORT if chosen.short else FULL), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
