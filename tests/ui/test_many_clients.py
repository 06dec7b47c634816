"""A rush: twenty jobs of ten programs at once all finish, in the order they came, and none is mixed up."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from gradio_client import Client, handle_file
from gradio_client.client import Job
from gradio_client.utils import Status

from media.video import VideoReader
from tests.conftest import write_voice
from tests.media.decoding.processes import wait_until
from tests.ui.rehearsal import ENGINE
from tests.ui.visit import PATIENCE, Files, Site

TABS = (ENGINE,)

CLIENTS, EACH = 10, 2
COMING = (Status.STARTING, Status.JOINING_QUEUE, Status.SENDING_DATA, Status.IN_QUEUE)


def wait_for_place(job: Job) -> None:
    """Wait until a job is in the page's own line: Gradio starts it at once, whatever waits there."""
    deadline, pause = time.monotonic() + PATIENCE / 1000, threading.Event()
    while job.status().code in COMING and time.monotonic() < deadline:
        pause.wait(0.01)
    assert job.status().code not in COMING


def test_twenty_jobs_of_ten_clients(site: Site, files: Files, tmp_path: Path) -> None:
    site.reset()
    already = len(site.rehearsal.jobs)
    clients = [Client(site.url, verbose=False) for _ in range(CLIENTS)]
    portrait = handle_file(files.portrait)
    seconds = {seed: 0.2 + 0.04 * seed for seed in range(CLIENTS * EACH)}
    voices = {
        seed: handle_file(write_voice(tmp_path / f"{seed}.wav", seconds=length))
        for seed, length in seconds.items()
    }
    site.rehearsal.go.clear()  # the first job waits until all have come
    jobs = {}
    for seed, voice in voices.items():
        client = clients[seed % CLIENTS]
        jobs[seed] = client.submit(
            portrait=portrait, voice=voice, consent=True, seed=seed, api_name="/rehearsal"
        )
        wait_for_place(jobs[seed])
        # A job that the engine has not begun may give way to the next.
        wait_until(lambda: len(site.rehearsal.jobs) > already, "the first job has not begun")
    site.rehearsal.go.set()
    for seed, job in jobs.items():
        video, facts = job.result(timeout=120)
        assert facts["seed"] == seed
        assert VideoReader(video).indexed == round(25 * seconds[seed])
    assert [seed for _, _, seed in site.rehearsal.jobs[already:]] == list(jobs)
    for client in clients:
        client.close()
