"""A replica that keeps engines loaded and makes one video at a time."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from engines import registry
from media.errors import InputError, JoyStudioError
from media.held_folder import REQUESTS, HeldFolder, sweep_all_held_folders
from studio.decoding import decoding_for
from studio.events import Event, Finished, Progress, Started
from studio.long_jobs import ACCEPT, check_practical
from studio.run import run
from studio.serving.request import VideoRequest
from studio.settings import Settings
from studio.stopping import stoppable

log = logging.getLogger("ray.serve")


class RendererReplica:
    """Loads its engines when it starts, so that no visitor waits for that."""

    def __init__(self, engines: Sequence[str]) -> None:
        """Raises the errors of loading an engine; Serve then tries again."""
        self._settings = Settings()
        sweep_all_held_folders()  # the entry point may run on another machine
        decoding_for(self._settings).start()
        for name in engines:
            registry.load(name, self._settings.device).prepare()
        # One thread: the next job waits until a cancelled one has ended.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="render")

    async def render(self, order: VideoRequest, video: str) -> AsyncIterator[dict[str, Any]]:
        """Make a video into a file. Yields events as JSON values; the last is `done` or `error`.

        A client that stops reading ends the work, and no file of it stays.
        """
        work = self._work(order, Path(video))
        loop, (context, stop) = asyncio.get_running_loop(), stoppable()

        def step() -> dict[str, Any] | None:
            return context.run(next, work, None)

        try:
            while (event := await loop.run_in_executor(self._thread, step)) is not None:
                yield event
        finally:
            stop.set()
            self._thread.submit(work.close)

    def _work(self, order: VideoRequest, video: Path) -> Generator[dict[str, Any], None, None]:
        try:
            with HeldFolder(REQUESTS) as folder:
                job = order.job(folder, video)
                if not order.accept_long:
                    check_practical([job], self._settings, ACCEPT)
                with closing(run(job, self._settings, remembered=False)) as events:
                    for event in events:
                        if document := event_json(event):
                            yield document
        except JoyStudioError as error:
            # Others, such as a full disk, are not for the client to correct.
            yield {"error": " ".join(str(error).split()), "fault": not isinstance(error, InputError)}
        except Exception:
            number = secrets.token_hex(4)
            log.exception("Fault %s", number)
            yield {"error": f"Something went wrong here; its number in the log is {number}.", "fault": True}


def event_json(event: Event) -> dict[str, Any] | None:
    if isinstance(event, Started):
        facts = {"frames": event.frames, "fps": event.fps, "size": list(event.size)}
        return {"state": "started", "process": os.getpid(), **facts}
    if isinstance(event, Progress):
        told = {"state": event.stage, "fraction": event.fraction, "seconds_left": event.seconds_left}
        return told if event.stage_fraction is None else told | {"stage_fraction": event.stage_fraction}
    if isinstance(event, Finished):
        if event.result.motion:  # no client could download it
            event.result.motion.unlink(missing_ok=True)
        facts = event.result.as_json()
        return {"state": "done"} | {name: value for name, value in facts.items() if name not in _INNER}
    return None


_INNER = ("job_id", "path", "motion", "portrait", "speech")
"""Fields that a visitor has no use for."""
