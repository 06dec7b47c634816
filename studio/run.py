"""The road of one job: open, load, animate, write, remember."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines import registry
from media.errors import EngineError, OutOfMemory
from studio.destination import choose_destination
from studio.events import Chunk, Event, Finished, Progress, Result, Started
from studio.history import remember
from studio.job import Job
from studio.settings import Settings

if TYPE_CHECKING:
    from engines.base import Engine, Frames
    from media.portrait import Portrait
    from media.speech import Speech


_FAULT = "This is a fault of the engine; please report it."


@dataclass(frozen=True)
class _Opened:
    """Everything a job needs before its first frame."""

    portrait: Portrait
    speech: Speech
    engine: Engine

    size: tuple[int, int]

    @property
    def notes(self) -> tuple[str, ...]:
        made_up = "This video was made with made-up weights: it shows that everything runs, not how it looks."
        return self.portrait.notes + ((made_up,) if self.engine.made_up_weights else ())


def run(job: Job, settings: Settings | None = None) -> Generator[Event, None, None]:
    """Make one video, telling what happens: Progress, Started, Chunks and Progress in turn, Finished.

    Closing the generator cancels the job: the partial file is removed, the engine stays loaded. So does
    every error. Raises a JoyStudioError for whatever a user can mend. Nothing is shared between two jobs
    but the loaded engine, so several may run in threads at once.
    """
    settings = settings or Settings()
    try:
        yield from _run(job, settings)
    except MemoryError as error:
        raise OutOfMemory(
            f"The machine ran out of memory at a longest side of {settings.max_side} pixels. "
            "Close other programs, or set JOYSTUDIO_MAX_SIDE to a smaller number."
        ) from error


def _run(job: Job, settings: Settings) -> Generator[Event, None, None]:
    began = time.monotonic()
    job_id = secrets.token_hex(8)
    destination = choose_destination(job, job_id, settings)
    yield Progress("opening", 0.0, None)
    opened = _open(job, settings)

    fps, speech = job.options.fps, opened.speech
    total = speech.frames(fps)
    yield Started(job_id, total, fps, opened.size, opened.notes)

    from media.video import VideoWriter  # late: the encoder is not imported to list presets

    first_chunk = rate_from = 0.0
    with (
        VideoWriter(
            destination,
            opened.size,
            fps,
            sound=speech,
            quality=settings.quality,
            metadata=_metadata(job, opened),
        ) as writer,
        closing(_frames(job, opened, total)) as batches,
    ):
        done = first_batch = 0
        for frames in batches:
            writer.write(frames)
            now = time.monotonic()
            if done == 0:
                first_chunk, rate_from, first_batch = now - began, now, len(frames)
            yield Chunk(frames, done)
            done += len(frames)
            measured = done - first_batch
            left = (now - rate_from) / measured * (total - done) if measured else None
            yield Progress("rendering", done / total, left)
        yield Progress("finishing", 1.0, 0.0)

    seconds = time.monotonic() - began
    result = Result(
        job_id=job_id,
        path=destination,
        frames=total,
        fps=fps,
        size=opened.size,
        duration=speech.duration,
        seconds=round(seconds, 3),
        first_chunk_seconds=round(first_chunk, 3),
        realtime_factor=round(seconds / speech.duration, 4),
        engine=job.engine,
        preset=job.preset,
        options=job.options.model_dump(mode="json"),
        seed=job.seed,
        portrait=job.portrait.name if isinstance(job.portrait, Path) else "",
        speech=job.speech.name,
        portrait_sha256=opened.portrait.sha256,
        speech_sha256=speech.sha256,
        made_up_weights=opened.engine.made_up_weights,
        notes=opened.notes,
    )
    trouble = remember(result, settings.history)
    yield Finished(replace(result, notes=(*result.notes, trouble)) if trouble else result)


def _open(job: Job, settings: Settings) -> _Opened:
    """Read portrait, voice and engine at the same time; the portrait's error is told first."""
    with ThreadPoolExecutor(2, thread_name_prefix="open") as pool:
        portrait = pool.submit(_open_portrait, job, settings)
        speech = pool.submit(_open_speech, job, settings)
        engine = registry.load(job.engine, settings.device)
        size = engine.picture_size(portrait.result(), job.options)
        return _Opened(portrait.result(), speech.result(), engine, size)


def _open_portrait(job: Job, settings: Settings) -> Portrait:
    from media.portrait import Anchors, open_portrait

    return open_portrait(
        job.portrait,
        subject=job.options.animation_mode,
        face_index=job.face_index,
        anchors=Anchors(*job.anchors) if job.anchors else None,
        max_side=settings.max_side,
        animal_face_needed=not job.options.finds_animals,
    )


def _open_speech(job: Job, settings: Settings) -> Speech:
    from media.speech import open_speech

    return open_speech(job.speech, max_seconds=settings.max_seconds)


def _frames(job: Job, opened: _Opened, total: int) -> Generator[Frames, None, None]:
    """The engine's batches, held to the contract: `total` frames of the size it told, uint8 RGB."""
    width, height = opened.size
    done = 0
    with _stopping(opened.engine.animate(opened.portrait, opened.speech, job.options, job.seed)) as batches:
        for frames in batches:
            if frames.dtype != "uint8" or frames.ndim != 4 or frames.shape[1:] != (height, width, 3):
                raise EngineError(
                    f"The engine {job.engine} gave pictures of {frames.dtype} {frames.shape} where "
                    f"uint8 (n, {height}, {width}, 3) was asked for. {_FAULT}"
                )
            done += len(frames)
            if done > total:
                break
            if len(frames):
                yield frames
    if done != total:
        count = "more" if done > total else f"only {done}"
        raise EngineError(f"The engine {job.engine} gave {count} of {total} frames. {_FAULT}")


@contextmanager
def _stopping(batches: Iterator[Frames]) -> Iterator[Iterator[Frames]]:
    """Stop an engine's work at once when its reader leaves; an iterator that cannot be closed is let be."""
    try:
        yield batches
    finally:
        if isinstance(batches, Generator):
            batches.close()


def _metadata(job: Job, opened: _Opened) -> dict[str, str]:
    """What decides the picture, to be written into the file; no paths and no times.

    It is one JSON object in the comment, a field that every player and `ffprobe` shows.
    """
    facts: dict[str, Any] = job.model_dump(mode="json", exclude={"portrait", "speech", "output"})
    facts |= {
        "portrait_sha256": opened.portrait.sha256,
        "speech_sha256": opened.speech.sha256,
        "made_up_weights": opened.engine.made_up_weights,
    }
    return {"title": "Made with JoyStudio", "comment": json.dumps(facts, ensure_ascii=False)}
